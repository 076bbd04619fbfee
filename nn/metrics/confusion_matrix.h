// SPDX-License-Identifier: Apache-2.0
//
// ConfusionMatrix: how often each class was taken for each, as sklearn.metrics.confusion_matrix.
// precision_recall.h and classification_report.h compute from it.
#ifndef TESSERA_NN_METRICS_CONFUSION_MATRIX_H_
#define TESSERA_NN_METRICS_CONFUSION_MATRIX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tessera/nn/metrics/device_sum.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

// Counts of (target, prediction) pairs, and the sums of their samples' weights, which are 1 where
// none are given. They stay on the device; what reads them waits for it and throws kOutOfRange,
// until reset(), if a class outside [0, num_classes) was seen.
class ConfusionMatrix {
 public:
  // The names are for printing; "0", "1", ... if not given.
  //   errors: throws kInvalidArgument for no classes, or another number of names
  explicit ConfusionMatrix(int64_t num_classes, std::vector<std::string> names = {});

  //   shape:  predictions: scores (N, C, ...), of which the first greatest counts, or classes
  //           (N, ...); targets and sample_weight (N, ...)
  //   dtype:  scores: floating point; classes and targets: integers or bool
  //   errors: throws kInvalidArgument for shapes or dtypes that do not fit, with both
  void update(const Tensor& predictions, const Tensor& targets, const Tensor& sample_weight = {});
  //   errors: throws kInvalidArgument if `other` has another number of classes
  void merge(const ConfusionMatrix& other);
  void reset();

  int64_t num_classes() const { return num_classes_; }
  const std::string& name(int64_t c) const { return names_[static_cast<size_t>(c)]; }
  int64_t count(int64_t target, int64_t prediction) const {
    return counts()[static_cast<size_t>(target * num_classes_ + prediction)];
  }
  double weight(int64_t target, int64_t prediction) const {
    return weights()[static_cast<size_t>(target * num_classes_ + prediction)];
  }
  // (target, prediction), by row.
  const std::vector<int64_t>& counts() const { return host().counts; }
  const std::vector<double>& weights() const { return host().weights; }
  bool has_weights() const { return weighted_counts_.defined(); }  // some were given
  int64_t total() const;
  int64_t targets_of(int64_t c) const;        // the sum of row c
  int64_t predictions_of(int64_t c) const;    // the sum of column c
  double target_weight(int64_t c) const;      // the sum of row c
  double prediction_weight(int64_t c) const;  // the sum of column c
  // Of the weights; nan if nothing was seen, or if they sum to 0.
  double accuracy() const;

  // Rows are targets, columns predictions; their weights if some were given, else their counts.
  std::string to_string() const;

 private:
  int64_t num_classes_;
  std::vector<std::string> names_;
  struct OnHost {
    std::vector<int64_t> counts;
    std::vector<double> weights;
  };
  const OnHost& host() const;

  // Of every pair, then of all pairs outside the classes.
  Tensor device_counts_;    // int64; undefined: none
  Tensor weighted_counts_;  // int64, of those with weights; undefined: none
  internal::DeviceSum device_weights_;
  mutable OnHost host_;  // empty: not read since the last update
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_CONFUSION_MATRIX_H_
