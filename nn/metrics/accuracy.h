// SPDX-License-Identifier: Apache-2.0
//
// Accuracy: the part of predictions that are right, as sklearn.metrics.accuracy_score and
// top_k_accuracy_score.
//
//   nn::Accuracy top5({.top_k = 5});
//   top5.update(scores, y);
#ifndef TESSERA_NN_METRICS_ACCURACY_H_
#define TESSERA_NN_METRICS_ACCURACY_H_

#include <cstdint>

#include "tessera/nn/metrics/sample_weight.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct AccuracyOptions {
  int64_t top_k = 1;  // right if the target is among the k greatest scores
};

// Of equal scores that of the lower class counts as greater; nan is greatest.
class Accuracy {
 public:
  //   errors: throws kInvalidArgument if top_k is not positive
  explicit Accuracy(const AccuracyOptions& options = {});

  //   shape:  predictions: scores (N, C, ...), or, if top_k is 1, classes (N, ...); targets and
  //           sample_weight (N, ...)
  //   dtype:  scores: floating point; classes and targets: integers or bool
  //   errors: throws kInvalidArgument for shapes or dtypes that do not fit, with both; kOutOfRange
  //           if there are fewer than top_k classes
  void update(const Tensor& predictions, const Tensor& targets, const Tensor& sample_weight = {});
  // The weight of those that are right over the weight of all: in [0, 1] if no weight is negative;
  // nan if nothing was seen, or if the weights sum to 0.
  double compute() const;
  int64_t count() const { return total_.count(); }  // targets seen
  //   errors: throws kInvalidArgument if `other` has another top_k
  void merge(const Accuracy& other);
  void reset();

 private:
  AccuracyOptions options_;
  Tensor correct_;  // int64, rank 0, of those without weights; undefined: none
  internal::DeviceSum correct_weight_;
  internal::WeightTotal total_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_ACCURACY_H_
