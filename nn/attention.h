// SPDX-License-Identifier: Apache-2.0
//
// MultiheadAttention, as torch.nn.MultiheadAttention.
//
//   nn::MultiheadAttention attention(128, 4, {.batch_first = true});
//   auto [y, weights] = attention(x, x, x);
//   Tensor z = attention(x, x, x, {.need_weights = false, .is_causal = true}).output;   // fast
#ifndef TESSERA_NN_ATTENTION_H_
#define TESSERA_NN_ATTENTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "tessera/nn/linear.h"
#include "tessera/nn/module.h"

namespace tessera::nn {

struct MultiheadAttentionOptions {
  double dropout = 0;  // of the attention weights, while training
  bool bias = true;
  bool add_bias_kv = false;    // a learned key and value at the end of every sequence
  bool add_zero_attn = false;  // a key and value of zeros at the end of every sequence
  std::optional<int64_t> kdim = std::nullopt;  // of the keys; embed_dim
  std::optional<int64_t> vdim = std::nullopt;  // of the values; embed_dim
  bool batch_first = false;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

struct AttentionOptions {
  // (N, S), or (S) for inputs without N. bool: true at keys that are ignored; floating point: added
  // to the scores.
  Tensor key_padding_mask = {};
  bool need_weights = true;  // false is faster
  // (L, S) or (N * num_heads, L, S). bool: true where a query may not look at a key; floating
  // point: added to the scores.
  Tensor attn_mask = {};
  bool average_attn_weights = true;  // over the heads
  // Query i sees keys 0 ... i. Beside an attn_mask it says that the mask is that one.
  bool is_causal = false;
};

struct AttentionResult {
  Tensor output;
  Tensor weights;  // undefined without need_weights
  auto tensors() { return std::tie(output, weights); }
};

// out_proj(concat of heads softmax(q_h k_h^T / sqrt(E / num_heads) + masks) v_h), q, k and v
// projected by in_proj_weight and in_proj_bias.
//   shape:  query (L, N, E), key (S, N, kdim), value (S, N, vdim) -> output (L, N, E), weights
//           (N, L, S), or (N, num_heads, L, S) if not averaged; with batch_first N comes first; all
//           without N for queries of 2 dimensions
//   dtype:  floating point
//   errors: throws kInvalidArgument for options, shapes or dtypes that do not fit
//   source: Vaswani et al., 2017
// Parameters: in_proj_weight (3 E, E), or q_proj_weight, k_proj_weight and v_proj_weight where kdim
// or vdim is not E; in_proj_bias (3 E); bias_k, bias_v (1, 1, E); out_proj.
class MultiheadAttention
    : public ModuleOf<AttentionResult(const Tensor& query, const Tensor& key, const Tensor& value,
                                      const AttentionOptions& options)> {
 public:
  MultiheadAttention(int64_t embed_dim, int64_t num_heads,
                     const MultiheadAttentionOptions& options = {});

  using ModuleOf::operator();
  AttentionResult operator()(const Tensor& query, const Tensor& key, const Tensor& value) {
    return (*this)(query, key, value, AttentionOptions());
  }
  AttentionResult forward(const Tensor& query, const Tensor& key, const Tensor& value,
                          const AttentionOptions& options) override;
  void reset_parameters();

  Tensor in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight;
  Tensor in_proj_bias, bias_k, bias_v;

 private:
  struct Projected {
    Tensor q, k, v;
  };
  void check_inputs(const Tensor& query, const Tensor& key, const Tensor& value) const;
  Projected project(const Tensor& query, const Tensor& key, const Tensor& value) const;

  int64_t embed_dim_, num_heads_;
  MultiheadAttentionOptions options_;
  Linear& out_proj_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_ATTENTION_H_
