// SPDX-License-Identifier: Apache-2.0
//
// Stacks of transformer layers, as torch.nn.TransformerEncoder, TransformerDecoder and Transformer.
//
//   nn::TransformerEncoder encoder(nn::TransformerEncoderLayer(128, 4), 6);
//   Tensor y = encoder(x, {.is_causal = true});
//   nn::Transformer model({.d_model = 128, .nhead = 4, .batch_first = true});
//   Tensor z = model(src, tgt, {.tgt_is_causal = true});
#ifndef TESSERA_NN_TRANSFORMER_H_
#define TESSERA_NN_TRANSFORMER_H_

#include <cstdint>
#include <optional>

#include "tessera/nn/module.h"
#include "tessera/nn/normalization.h"
#include "tessera/nn/sequential.h"
#include "tessera/nn/transformer_layer.h"

namespace tessera::nn {

// (size, size) float32: -inf above the diagonal, else 0. As attn_mask it hides what comes later;
// is_causal does so faster.
Tensor generate_square_subsequent_mask(int64_t size, const TensorOptions& options = {});

// num_layers layers that start as copies of `layer`, one after another, and then `norm` if given.
//   shape:  as TransformerEncoderLayer
//   errors: throws kInvalidArgument for num_layers below 0; otherwise as the layer
class TransformerEncoder : public ModuleOf<Tensor(const Tensor& src, const EncoderMasks& masks)> {
 public:
  TransformerEncoder(TransformerEncoderLayer layer, int64_t num_layers,
                     std::optional<LayerNorm> norm = std::nullopt);

  using ModuleOf::operator();
  Tensor operator()(const Tensor& src) { return (*this)(src, EncoderMasks()); }
  Tensor forward(const Tensor& src, const EncoderMasks& masks) override;

 private:
  ModuleList<TransformerEncoderLayer>& layers_;
  LayerNorm* norm_;  // null if there is none
};

// The same of decoder layers, which all see the same memory.
//   shape:  as TransformerDecoderLayer
class TransformerDecoder
    : public ModuleOf<Tensor(const Tensor& tgt, const Tensor& memory, const DecoderMasks& masks)> {
 public:
  TransformerDecoder(TransformerDecoderLayer layer, int64_t num_layers,
                     std::optional<LayerNorm> norm = std::nullopt);

  using ModuleOf::operator();
  Tensor operator()(const Tensor& tgt, const Tensor& memory) {
    return (*this)(tgt, memory, DecoderMasks());
  }
  Tensor forward(const Tensor& tgt, const Tensor& memory, const DecoderMasks& masks) override;

 private:
  ModuleList<TransformerDecoderLayer>& layers_;
  LayerNorm* norm_;
};

struct TransformerOptions {
  int64_t d_model = 512;
  int64_t nhead = 8;
  int64_t num_encoder_layers = 6;
  int64_t num_decoder_layers = 6;
  int64_t dim_feedforward = 2048;
  double dropout = 0.1;
  Activation activation = [](const Tensor& x) { return relu(x); };
  double layer_norm_eps = 1e-5;
  bool batch_first = false;
  bool norm_first = false;
  bool bias = true;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

// Masks as those of AttentionOptions (nn/attention.h).
struct TransformerMasks {
  Tensor src_mask = {}, tgt_mask = {}, memory_mask = {};
  Tensor src_key_padding_mask = {}, tgt_key_padding_mask = {}, memory_key_padding_mask = {};
  bool src_is_causal = false, tgt_is_causal = false, memory_is_causal = false;
};

// decoder(tgt, encoder(src)), each with a final LayerNorm.
//   shape:  src (S, N, d_model), tgt (L, N, d_model) -> (L, N, d_model); with batch_first N comes
//           first; all without N for one sequence
//   dtype:  floating point
//   errors: throws kInvalidArgument for options, shapes or dtypes that do not fit
//   source: Vaswani et al., 2017
// Matrices start from xavier_uniform_.
class Transformer
    : public ModuleOf<Tensor(const Tensor& src, const Tensor& tgt, const TransformerMasks& masks)> {
 public:
  explicit Transformer(const TransformerOptions& options = {});

  using ModuleOf::operator();
  Tensor operator()(const Tensor& src, const Tensor& tgt) {
    return (*this)(src, tgt, TransformerMasks());
  }
  Tensor forward(const Tensor& src, const Tensor& tgt, const TransformerMasks& masks) override;
  void reset_parameters();

  TransformerEncoder& encoder;
  TransformerDecoder& decoder;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_TRANSFORMER_H_
