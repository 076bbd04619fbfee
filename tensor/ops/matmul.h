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
Tensor mv(const Tensor& a, const Tensor& b);     // (M, K) x (K)
Tensor dot(const Tensor& a, const Tensor& b);    // (K) x (K)
Tensor outer(const Tensor& a, const Tensor& b);  // (M), (N) -> (M, N)

// (.., K), (.., K) -> the sums over K of all pairs of rows, (a's .., b's ..); of rank 0 the
// product.
Tensor inner(const Tensor& a, const Tensor& b);
// The product of every pair of elements: size a.size(d) * b.size(d) at each dimension, missing ones
// in front being 1.
Tensor kron(const Tensor& a, const Tensor& b);

// beta * x + alpha * (a b). x broadcasts to the product's shape; where beta is 0 it is not read, so
// that nan in it does not spread.
Tensor addmm(const Tensor& x, const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1);
Tensor addmv(const Tensor& x, const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1);
Tensor baddbmm(const Tensor& x, const Tensor& a, const Tensor& b, double beta = 1,
               double alpha = 1);

// x w^T + bias: x (B.., in), weight (out, in), bias (out) or undefined -> (B.., out)
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_MATMUL_H_
