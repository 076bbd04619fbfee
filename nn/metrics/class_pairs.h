// SPDX-License-Identifier: Apache-2.0
//
// What metrics of classes compare. For nn/metrics.
#ifndef TESSERA_NN_METRICS_CLASS_PAIRS_H_
#define TESSERA_NN_METRICS_CLASS_PAIRS_H_

#include "tessera/tensor/tensor.h"

namespace tessera::nn::internal {

// (n) int64 each, n = the number of targets.
struct ClassPairs {
  Tensor predicted;
  Tensor target;
};

// From scores (N, C, ...) or classes (N, ...), and targets (N, ...). Of scores the first greatest
// along dimension 1 counts.
//   dtype:  scores: floating point; classes and targets: integers or bool
//   errors: throws kInvalidArgument naming `metric`, with both shapes and dtypes
ClassPairs class_pairs(const char* metric, const Tensor& predictions, const Tensor& targets);

// True if `predictions` (N, C, ...) can be scores for `targets` (N, ...).
bool are_scores(const Tensor& predictions, const Tensor& targets);

[[noreturn]] void refuse_class_pairs(const char* metric, const Tensor& predictions,
                                     const Tensor& targets);

}  // namespace tessera::nn::internal

#endif  // TESSERA_NN_METRICS_CLASS_PAIRS_H_
