// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/transformer.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/init.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn {
namespace {

template <class Layer>
void fill(ModuleList<Layer>& list, Layer layer, int64_t num_layers) {
  if (num_layers < 0) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("transformer: num_layers is ", num_layers, ", below 0")));
  }
  for (int64_t l = 1; l < num_layers; ++l) list.push_back(layer.clone());
  if (num_layers > 0) list.push_back(std::move(layer));
}

TransformerLayerOptions layer_options(const TransformerOptions& o) {
  return {.dim_feedforward = o.dim_feedforward,
          .dropout = o.dropout,
          .activation = o.activation,
          .layer_norm_eps = o.layer_norm_eps,
          .batch_first = o.batch_first,
          .norm_first = o.norm_first,
          .bias = o.bias,
          .dtype = o.dtype,
          .device = o.device};
}

LayerNorm final_norm(const TransformerOptions& o) {
  return LayerNorm(o.d_model,
                   {.eps = o.layer_norm_eps, .bias = o.bias, .dtype = o.dtype, .device = o.device});
}

}  // namespace

Tensor generate_square_subsequent_mask(int64_t size, const TensorOptions& options) {
  const Tensor places = arange(size, {.dtype = kInt64, .device = options.device});
  const Tensor none = zeros({}, options);
  return where(places > unsqueeze(places, 1), -std::numeric_limits<double>::infinity(), none);
}

TransformerEncoder::TransformerEncoder(TransformerEncoderLayer layer, int64_t num_layers,
                                       std::optional<LayerNorm> norm)
    : layers_(add("layers", ModuleList<TransformerEncoderLayer>())),
      norm_(norm.has_value() ? &add("norm", *std::move(norm)) : nullptr) {
  fill(layers_, std::move(layer), num_layers);
}

Tensor TransformerEncoder::forward(const Tensor& src, const EncoderMasks& masks) {
  Tensor x = src;
  for (TransformerEncoderLayer* layer : layers_) x = (*layer)(x, masks);
  return norm_ != nullptr ? (*norm_)(x) : x;
}

TransformerDecoder::TransformerDecoder(TransformerDecoderLayer layer, int64_t num_layers,
                                       std::optional<LayerNorm> norm)
    : layers_(add("layers", ModuleList<TransformerDecoderLayer>())),
      norm_(norm.has_value() ? &add("norm", *std::move(norm)) : nullptr) {
  fill(layers_, std::move(layer), num_layers);
}

Tensor TransformerDecoder::forward(const Tensor& tgt, const Tensor& memory,
                                   const DecoderMasks& masks) {
  Tensor x = tgt;
  for (TransformerDecoderLayer* layer : layers_) x = (*layer)(x, memory, masks);
  return norm_ != nullptr ? (*norm_)(x) : x;
}

Transformer::Transformer(const TransformerOptions& o)
    : encoder(add("encoder",
                  TransformerEncoder(TransformerEncoderLayer(o.d_model, o.nhead, layer_options(o)),
                                     o.num_encoder_layers, final_norm(o)))),
      decoder(add("decoder",
                  TransformerDecoder(TransformerDecoderLayer(o.d_model, o.nhead, layer_options(o)),
                                     o.num_decoder_layers, final_norm(o)))) {
  reset_parameters();
}

void Transformer::reset_parameters() {
  for (const Tensor& p : parameters()) {
    if (p.dim() > 1) init::xavier_uniform_(p);
  }
}

Tensor Transformer::forward(const Tensor& src, const Tensor& tgt, const TransformerMasks& masks) {
  const Tensor memory = encoder(src, {.mask = masks.src_mask,
                                      .src_key_padding_mask = masks.src_key_padding_mask,
                                      .is_causal = masks.src_is_causal});
  return decoder(tgt, memory,
                 {.tgt_mask = masks.tgt_mask,
                  .memory_mask = masks.memory_mask,
                  .tgt_key_padding_mask = masks.tgt_key_padding_mask,
                  .memory_key_padding_mask = masks.memory_key_padding_mask,
                  .tgt_is_causal = masks.tgt_is_causal,
                  .memory_is_causal = masks.memory_is_causal});
}

}  // namespace tessera::nn
