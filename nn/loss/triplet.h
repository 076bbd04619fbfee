// SPDX-License-Identifier: Apache-2.0
//
// Losses of triplets: triplet_margin_loss, triplet_margin_with_distance_loss.
#ifndef TESSERA_NN_LOSS_TRIPLET_H_
#define TESSERA_NN_LOSS_TRIPLET_H_

#include <functional>

#include "tessera/nn/loss/reduction.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct TripletMarginLossOptions {
  double margin = 1;  // above 0
  double p = 2;       // of the norm; infinity for the largest element
  double eps = 1e-6;  // added to each difference
  bool swap = false;  // takes the distance of negative and positive where it is smaller
  Reduction reduction = kMean;
};

// Of each pair of rows, (N) of (N, D) and (N, D).
using DistanceFunction = std::function<Tensor(const Tensor& a, const Tensor& b)>;

struct TripletMarginWithDistanceLossOptions {
  DistanceFunction distance_function = {};  // empty: the 2-norm of a - b + 1e-6
  double margin = 1;                        // above 0
  bool swap = false;
  Reduction reduction = kMean;
};

namespace functional {

// max(0, margin + distance(anchor, positive) - distance(anchor, negative)).
//   shape:  three times (N, D), or (D); kNone: (N), or ()
//   dtype:  floating point
//   errors: throws kInvalidArgument for different ranks, shapes that do not broadcast, and a margin
//           that is not above 0
//   source: Balntas et al., Learning Shallow Convolutional Feature Descriptors, 2016
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& options = {});

// The same with any distance.
Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive,
                                         const Tensor& negative,
                                         const TripletMarginWithDistanceLossOptions& options = {});

}  // namespace functional
}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_TRIPLET_H_
