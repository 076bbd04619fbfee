// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/transformer_layer.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::nn {
namespace {

MultiheadAttention attention(int64_t d_model, int64_t nhead, const TransformerLayerOptions& o) {
  return MultiheadAttention(d_model, nhead,
                            {.dropout = o.dropout,
                             .bias = o.bias,
                             .batch_first = o.batch_first,
                             .dtype = o.dtype,
                             .device = o.device});
}
Linear dense(int64_t in, int64_t out, const TransformerLayerOptions& o) {
  return Linear(in, out, {.bias = o.bias, .dtype = o.dtype, .device = o.device});
}
LayerNorm norm(int64_t d_model, const TransformerLayerOptions& o) {
  return LayerNorm(d_model,
                   {.eps = o.layer_norm_eps, .bias = o.bias, .dtype = o.dtype, .device = o.device});
}

// Gives `to` the values of `from`, a module of the same class and options, and its dtype and mode.
void copy_state(const Module& from, Module& to) {
  const StateDict state = from.state_dict();
  if (!state.empty()) to.to(state.begin()->second.dtype());
  const absl::StatusOr<LoadResult> loaded = to.load_state_dict(state);
  if (!loaded.ok()) raise(loaded.status());
  to.train(from.is_training());
}

}  // namespace

TransformerEncoderLayer::TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                                                 const TransformerLayerOptions& o)
    : d_model_(d_model),
      nhead_(nhead),
      options_(o),
      self_attn_(add("self_attn", attention(d_model, nhead, o))),
      linear1_(add("linear1", dense(d_model, o.dim_feedforward, o))),
      dropout_(add("dropout", Dropout(o.dropout))),
      linear2_(add("linear2", dense(o.dim_feedforward, d_model, o))),
      norm1_(add("norm1", norm(d_model, o))),
      norm2_(add("norm2", norm(d_model, o))),
      dropout1_(add("dropout1", Dropout(o.dropout))),
      dropout2_(add("dropout2", Dropout(o.dropout))) {}

TransformerEncoderLayer TransformerEncoderLayer::clone() const {
  TransformerEncoderLayer copy(d_model_, nhead_, options_);
  copy_state(*this, copy);
  return copy;
}

Tensor TransformerEncoderLayer::attend(const Tensor& x, const EncoderMasks& masks) {
  const AttentionResult r = self_attn_(x, x, x,
                                       {.key_padding_mask = masks.src_key_padding_mask,
                                        .need_weights = false,
                                        .attn_mask = masks.mask,
                                        .is_causal = masks.is_causal});
  return dropout1_(r.output);
}

Tensor TransformerEncoderLayer::feed_forward(const Tensor& x) {
  return dropout2_(linear2_(dropout_(options_.activation(linear1_(x)))));
}

Tensor TransformerEncoderLayer::forward(const Tensor& src, const EncoderMasks& masks) {
  if (options_.norm_first) {
    const Tensor x = src + attend(norm1_(src), masks);
    return x + feed_forward(norm2_(x));
  }
  const Tensor x = norm1_(src + attend(src, masks));
  return norm2_(x + feed_forward(x));
}

TransformerDecoderLayer::TransformerDecoderLayer(int64_t d_model, int64_t nhead,
                                                 const TransformerLayerOptions& o)
    : d_model_(d_model),
      nhead_(nhead),
      options_(o),
      self_attn_(add("self_attn", attention(d_model, nhead, o))),
      multihead_attn_(add("multihead_attn", attention(d_model, nhead, o))),
      linear1_(add("linear1", dense(d_model, o.dim_feedforward, o))),
      dropout_(add("dropout", Dropout(o.dropout))),
      linear2_(add("linear2", dense(o.dim_feedforward, d_model, o))),
      norm1_(add("norm1", norm(d_model, o))),
      norm2_(add("norm2", norm(d_model, o))),
      norm3_(add("norm3", norm(d_model, o))),
      dropout1_(add("dropout1", Dropout(o.dropout))),
      dropout2_(add("dropout2", Dropout(o.dropout))),
      dropout3_(add("dropout3", Dropout(o.dropout))) {}

TransformerDecoderLayer TransformerDecoderLayer::clone() const {
  TransformerDecoderLayer copy(d_model_, nhead_, options_);
  copy_state(*this, copy);
  return copy;
}

Tensor TransformerDecoderLayer::attend(const Tensor& x, const DecoderMasks& masks) {
  const AttentionResult r = self_attn_(x, x, x,
                                       {.key_padding_mask = masks.tgt_key_padding_mask,
                                        .need_weights = false,
                                        .attn_mask = masks.tgt_mask,
                                        .is_causal = masks.tgt_is_causal});
  return dropout1_(r.output);
}

Tensor TransformerDecoderLayer::attend_to(const Tensor& x, const Tensor& memory,
                                          const DecoderMasks& masks) {
  const AttentionResult r = multihead_attn_(x, memory, memory,
                                            {.key_padding_mask = masks.memory_key_padding_mask,
                                             .need_weights = false,
                                             .attn_mask = masks.memory_mask,
                                             .is_causal = masks.memory_is_causal});
  return dropout2_(r.output);
}

Tensor TransformerDecoderLayer::feed_forward(const Tensor& x) {
  return dropout3_(linear2_(dropout_(options_.activation(linear1_(x)))));
}

Tensor TransformerDecoderLayer::forward(const Tensor& tgt, const Tensor& memory,
                                        const DecoderMasks& masks) {
  if (options_.norm_first) {
    Tensor x = tgt + attend(norm1_(tgt), masks);
    x = x + attend_to(norm2_(x), memory, masks);
    return x + feed_forward(norm3_(x));
  }
  Tensor x = norm1_(tgt + attend(tgt, masks));
  x = norm2_(x + attend_to(x, memory, masks));
  return norm3_(x + feed_forward(x));
}

}  // namespace tessera::nn
