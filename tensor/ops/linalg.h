// SPDX-License-Identifier: Apache-2.0
//
// Linear algebra on square matrices and batches of them (B.., n, n), as torch.linalg.
//   dtype:  float32 or float64, one for all operands
//   errors: kInvalidArgument for another dtype, a matrix that is not square, or shapes that do not
//           fit, with both; kUnimplemented on a device whose backend has no such kernels, and on
//           the CPU where OpenBLAS is not installed, with its name
// Differentiable, twice and more. They run on the cpu backend, through OpenBLAS, which is opened at
// the first call (docs/building.md). Results for no matrix, and for matrices of size 0, are empty.
#ifndef TESSERA_TENSOR_OPS_LINALG_H_
#define TESSERA_TENSOR_OPS_LINALG_H_

#include <utility>

#include "tessera/tensor/tensor.h"

namespace tessera::linalg {

// L, lower triangular with a positive diagonal, such that a = L L^T; or with `upper` its transpose.
// Only that triangle of a is read. The gradient is symmetric.
//   shape:  (B.., n, n) -> the same
//   errors: kInvalidArgument if a is not positive definite, with the matrix and the minor
Tensor cholesky(const Tensor& a, bool upper = false);

// x such that a x = b, or with left = false x a = b.
//   shape:  a (B.., n, n); b (B.., n, k) for the left, (B.., k, n) for the right; or a vector (n),
//           or, beside a batch, vectors (B.., n), for the left -> b's. Batch dimensions broadcast
//   errors: kInvalidArgument if a is singular, with the matrix
Tensor solve(const Tensor& a, const Tensor& b, bool left = true);

// The inverse. Prefer solve to a product with it.
//   errors: as solve
Tensor inv(const Tensor& a);

// The determinant, 0 for a singular matrix, whose gradient is right too. Its second gradient is nan
// there.
//   shape:  (B.., n, n) -> (B..)
Tensor det(const Tensor& a);
// Its sign (-1, 0 or 1) and the logarithm of its absolute value (-inf for a singular matrix). The
// sign has no gradient, the logarithm's is not finite for a singular matrix.
std::pair<Tensor, Tensor> slogdet(const Tensor& a);

struct SolveTriangularOptions {
  bool upper;  // which triangle of a is read
  bool left = true;
  bool unitriangular = false;  // the diagonal counts as ones and is not read
};

// solve for a triangular matrix. A zero on the diagonal gives inf and nan.
//   shape:  a (B.., n, n); b (B.., n, k), or (B.., k, n) for the right -> b's; batches broadcast
Tensor solve_triangular(const Tensor& a, const Tensor& b, const SolveTriangularOptions& options);

}  // namespace tessera::linalg

namespace tessera {

inline Tensor inverse(const Tensor& a) { return linalg::inv(a); }

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_LINALG_H_
