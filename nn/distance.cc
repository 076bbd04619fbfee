// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/distance.h"

#include "tessera/nn/functional_distance.h"

namespace tessera::nn {

Tensor CosineSimilarity::forward(const Tensor& x1, const Tensor& x2) {
  return functional::cosine_similarity(x1, x2, options_.dim, options_.eps);
}

Tensor PairwiseDistance::forward(const Tensor& x1, const Tensor& x2) {
  return functional::pairwise_distance(x1, x2, options_.p, options_.eps, options_.keepdim);
}

}  // namespace tessera::nn
