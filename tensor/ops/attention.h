// SPDX-License-Identifier: Apache-2.0
//
// Attention: softmax(q k^T scale + mask) v, as torch.nn.functional.scaled_dot_product_attention.
//
//   Tensor y = scaled_dot_product_attention(q, k, v, {.is_causal = true});
//   Tensor z = scaled_dot_product_attention(q, k, v, {.attn_mask = valid, .dropout_p = 0.1});
#ifndef TESSERA_TENSOR_OPS_ATTENTION_H_
#define TESSERA_TENSOR_OPS_ATTENTION_H_

#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera {

struct ScaledDotProductAttentionOptions {
  // Broadcast to (B.., L, S). bool: true where a query may look at a key. Floating point: added to
  // the scores.
  Tensor attn_mask = {};
  // The probability with which each weight is set to zero, the others being divided by 1 - p; here
  // too if the caller is not training.
  double dropout_p = 0;
  // Query i sees keys 0 ... i, also where L and S differ. Not together with a mask.
  bool is_causal = false;
  std::optional<double> scale = std::nullopt;  // 1 / sqrt(E)
  // Queries have a multiple of the keys' and values' heads (dimension -3); each of these serves as
  // many query heads, which stand side by side.
  bool enable_gqa = false;
};

//   shape:  query (B.., L, E), key (B.., S, E), value (B.., S, Ev) -> (B.., L, Ev); the leading
//           dimensions broadcast
//   dtype:  one floating point dtype; a mask is bool, of that dtype, or float32 beside a half type.
//           float16 and bfloat16 are computed in float32, rounded once
//   errors: kInvalidArgument for shapes and dtypes that do not fit, a mask with is_causal, a
//           dropout_p outside [0, 1]
//   source: Dao, FlashAttention-2, 2023, on backends that have a kernel: scores are never stored
// A query that no key is left for gives zeros, and so does its gradient. nan gives nan. Dropout
// draws one float32 for each element of (B.., L, S) from the default generator. Differentiable in
// query, key, value and a floating point mask, twice and more.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const ScaledDotProductAttentionOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_ATTENTION_H_
