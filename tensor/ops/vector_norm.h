// SPDX-License-Identifier: Apache-2.0
//
// Norms of vectors.
#ifndef TESSERA_TENSOR_OPS_VECTOR_NORM_H_
#define TESSERA_TENSOR_OPS_VECTOR_NORM_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

// The p-norm (sum |x|^p)^(1/p) over `dims`, or all elements as one vector ({}). p = 0 counts the
// elements that are not zero; p = +-infinity is the greatest or least |x|.
//   dtype:  floating point
//   errors: as reductions; kInvalidArgument if p is nan
// Differentiable. Where the norm has no slope a subgradient is chosen as PyTorch does: 0 for an
// element that is 0, even shares among equal extremes.
Tensor norm(const Tensor& x, double p = 2, Dims dims = {}, bool keepdim = false);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_VECTOR_NORM_H_
