// SPDX-License-Identifier: Apache-2.0
//
// Sums of products over named dimensions. Differentiable.
//
//   einsum("bhid,bhjd->bhij", {q, k})      // scores of attention
//   einsum("...ij,...jk", {a, b})          // batches of matrix products
//   einsum("ii", {m})                      // trace
#ifndef TESSERA_TENSOR_OPS_EINSUM_H_
#define TESSERA_TENSOR_OPS_EINSUM_H_

#include <string_view>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// `equation` names the dimensions of each operand with letters a-z and A-Z, comma separated; spaces
// are ignored. A letter that an operand has twice takes its diagonal. "..." stands for any number
// of dimensions, which broadcast. After "->" come the dimensions of the result; letters that are
// not there are summed over. Without "->" the result has the dimensions of "...", then the letters
// that stand once in the whole equation, in ASCII order. Dimensions of size 1 broadcast.
//   dtype:  operands are promoted to a common number dtype
//   errors: kInvalidArgument for an equation that cannot be read, or does not fit the operands'
//           ranks and sizes, with the equation
// Operands are contracted from left to right; each step is one batched matrix product, or an
// elementwise product where nothing is summed. Order the operands so that intermediates stay small.
Tensor einsum(std::string_view equation, absl::Span<const Tensor> operands);

// The sum over the last `dims` dimensions of a and the first `dims` of b, in order.
//   shape:  a (A.., S..), b (S.., B..) -> (A.., B..)
//   errors: kInvalidArgument if sizes differ (1 broadcasts), or there are not as many dimensions
Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims = 2);
// The same over dimensions dims_a of a and dims_b of b, pair by pair.
Tensor tensordot(const Tensor& a, const Tensor& b, Dims dims_a, Dims dims_b);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_EINSUM_H_
