// SPDX-License-Identifier: Apache-2.0
//
// Layers of a transformer, as torch.nn.TransformerEncoderLayer and TransformerDecoderLayer.
// nn/transformer.h stacks them.
//
//   nn::TransformerEncoderLayer layer(128, 4, {.dim_feedforward = 512, .batch_first = true});
//   Tensor y = layer(x, {.is_causal = true});
#ifndef TESSERA_NN_TRANSFORMER_LAYER_H_
#define TESSERA_NN_TRANSFORMER_LAYER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tessera/nn/attention.h"
#include "tessera/nn/dropout.h"
#include "tessera/nn/linear.h"
#include "tessera/nn/module.h"
#include "tessera/nn/normalization.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn {

using Activation = std::function<Tensor(const Tensor&)>;

struct TransformerLayerOptions {
  int64_t dim_feedforward = 2048;
  double dropout = 0.1;
  Activation activation = [](const Tensor& x) { return relu(x); };
  double layer_norm_eps = 1e-5;
  bool batch_first = false;
  bool norm_first = false;  // normalises before attention and feedforward, not after
  bool bias = true;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

// Masks as those of AttentionOptions (nn/attention.h).
struct EncoderMasks {
  Tensor mask = {};                  // (L, L) or (N * nhead, L, L)
  Tensor src_key_padding_mask = {};  // (N, L)
  bool is_causal = false;
};

// Self-attention and feedforward (linear1, activation, linear2), each with dropout, a shortcut and
// a LayerNorm.
//   shape:  src (L, N, d_model), or (N, L, d_model) with batch_first, or (L, d_model) -> the same
//   dtype:  floating point
//   errors: throws kInvalidArgument for options, shapes or dtypes that do not fit
//   source: Vaswani et al., 2017
class TransformerEncoderLayer
    : public ModuleOf<Tensor(const Tensor& src, const EncoderMasks& masks)> {
 public:
  TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                          const TransformerLayerOptions& options = {});
  // Another layer with the same options and parameter values.
  TransformerEncoderLayer clone() const;

  using ModuleOf::operator();
  Tensor operator()(const Tensor& src) { return (*this)(src, EncoderMasks()); }
  Tensor forward(const Tensor& src, const EncoderMasks& masks) override;

 private:
  Tensor attend(const Tensor& x, const EncoderMasks& masks);
  Tensor feed_forward(const Tensor& x);

  int64_t d_model_, nhead_;
  TransformerLayerOptions options_;
  MultiheadAttention& self_attn_;
  Linear& linear1_;
  Dropout& dropout_;
  Linear& linear2_;
  LayerNorm &norm1_, &norm2_;
  Dropout &dropout1_, &dropout2_;
};

struct DecoderMasks {
  Tensor tgt_mask = {};                 // (L, L) or (N * nhead, L, L)
  Tensor memory_mask = {};              // (L, S) or (N * nhead, L, S)
  Tensor tgt_key_padding_mask = {};     // (N, L)
  Tensor memory_key_padding_mask = {};  // (N, S)
  bool tgt_is_causal = false;
  bool memory_is_causal = false;
};

// Self-attention, attention to `memory` and feedforward, each with dropout, a shortcut and a
// LayerNorm. Otherwise as TransformerEncoderLayer.
//   shape:  tgt (L, N, d_model), memory (S, N, d_model) -> (L, N, d_model)
class TransformerDecoderLayer
    : public ModuleOf<Tensor(const Tensor& tgt, const Tensor& memory, const DecoderMasks& masks)> {
 public:
  TransformerDecoderLayer(int64_t d_model, int64_t nhead,
                          const TransformerLayerOptions& options = {});
  TransformerDecoderLayer clone() const;

  using ModuleOf::operator();
  Tensor operator()(const Tensor& tgt, const Tensor& memory) {
    return (*this)(tgt, memory, DecoderMasks());
  }
  Tensor forward(const Tensor& tgt, const Tensor& memory, const DecoderMasks& masks) override;

 private:
  Tensor attend(const Tensor& x, const DecoderMasks& masks);
  Tensor attend_to(const Tensor& x, const Tensor& memory, const DecoderMasks& masks);
  Tensor feed_forward(const Tensor& x);

  int64_t d_model_, nhead_;
  TransformerLayerOptions options_;
  MultiheadAttention &self_attn_, &multihead_attn_;
  Linear& linear1_;
  Dropout& dropout_;
  Linear& linear2_;
  LayerNorm &norm1_, &norm2_, &norm3_;
  Dropout &dropout1_, &dropout2_, &dropout3_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_TRANSFORMER_LAYER_H_
