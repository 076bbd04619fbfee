// SPDX-License-Identifier: Apache-2.0
//
// Matrix products.
//   dtype:  operands are promoted to a common number dtype. float32 accumulates in float32; float16
//           and bfloat16 in float32, rounded once
//   errors: kInvalidArgument for shapes that do not fit, with both; for bool
// Differentiable. A sum over no elements is zero.
#ifndef TESSERA_TENSOR_OPS_MATMUL_H_
#define TESSERA_TENSOR_OPS_MATMUL_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

// (K) x (K) -> (); (M, K) x (K) -> (M); (K) x (K, N) -> (N); (M, K) x (K, N) -> (M, N); with more
// dimensions a batch of matrices, whose leading dimensions broadcast: (B.., M, K) x (B.., K, N).
Tensor matmul(const Tensor& a, const Tensor& b);
Tensor mm(const Tensor& a, const Tensor& b);     // (M, K) x (K, N)
Tensor bmm(const Tensor& a, const Tensor& b);    // (B, M, K) x (B, K, N)
Tensor dot(const Tensor& a, const Tensor& b);    // (K) x (K)
Tensor outer(const Tensor& a, const Tensor& b);  // (M), (N) -> (M, N)

// x w^T + bias: x (B.., in), weight (out, in), bias (out) or undefined -> (B.., out)
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_MATMUL_H_
