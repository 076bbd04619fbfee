// SPDX-License-Identifier: Apache-2.0
//
// Lengths and distances of vectors, as in torch.nn.functional.
//   dtype:  floating point
//   errors: throw kOutOfRange for a dimension that x lacks, kInvalidArgument for shapes that do not
//           broadcast
// Differentiable. At vectors of length 0 the gradient of a length is 0.
#ifndef TESSERA_NN_FUNCTIONAL_DISTANCE_H_
#define TESSERA_NN_FUNCTIONAL_DISTANCE_H_

#include <cstdint>

#include "tessera/tensor/tensor.h"

namespace tessera::nn::functional {

// x1 . x2 / (max(|x1|, eps) max(|x2|, eps)) along `dim` of the shape that they broadcast to, which
// is dropped.
Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim = 1, double eps = 1e-8);

// The p-norm of x1 - x2 + eps along the last dimension, which is dropped unless `keepdim`.
Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p = 2, double eps = 1e-6,
                         bool keepdim = false);

// x / max(|x|, eps), |x| the p-norm along `dim`.
Tensor normalize(const Tensor& x, double p = 2, int64_t dim = 1, double eps = 1e-12);

}  // namespace tessera::nn::functional

#endif  // TESSERA_NN_FUNCTIONAL_DISTANCE_H_
