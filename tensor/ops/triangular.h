// SPDX-License-Identifier: Apache-2.0
//
// Triangles and diagonals of matrices. Differentiable. `offset` k means the elements [i, i + k]:
// the main diagonal is 0, those above it are positive.
//   dtype:  any
//   errors: kInvalidArgument for a rank that is too small, with the shape, or dim1 == dim2;
//           kOutOfRange for a dimension outside the tensor
#ifndef TESSERA_TENSOR_OPS_TRIANGULAR_H_
#define TESSERA_TENSOR_OPS_TRIANGULAR_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

// x (B.., n, m) with zeros above (tril) or below (triu) a diagonal.
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);

// The diagonal of dim1 and dim2, as the last dimension; empty if `offset` is beyond the matrix. A
// view.
Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);

// x (B.., k) on the diagonal of zeros (B.., k + |offset|, k + |offset|); the two new dimensions
// stand at dim1 and dim2.
Tensor diag_embed(const Tensor& x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1);

// Of a vector diag_embed, of a matrix a copy of its diagonal.
Tensor diag(const Tensor& x, int64_t diagonal = 0);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_TRIANGULAR_H_
