// SPDX-License-Identifier: Apache-2.0
//
// Metrics of classifiers, gathered batch by batch.
//
//   nn::Accuracy accuracy;
//   nn::ConfusionMatrix confusion(10);
//   for (const auto& [x, y] : loader) {
//     Tensor scores = model(x);
//     accuracy.update(scores, y);
//     confusion.update(scores, y);
//   }
//   std::cout << accuracy.value() << '\n' << confusion.report() << confusion.to_string();
#ifndef TESSERA_NN_METRICS_H_
#define TESSERA_NN_METRICS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera::nn {

// Predictions are scores (N, C), of which the greatest counts, or classes (N).
//   dtype:  scores: floating point; classes and targets: int64 (other integers are converted)
//   errors: update throws kInvalidArgument for shapes that do not fit, with both

// The part of predictions that equal their target. Sums stay on the device, so that update() does
// not wait for it.
class Accuracy {
 public:
  void update(const Tensor& predictions, const Tensor& targets);
  // In [0, 1]; nan before the first update. Waits for the device.
  double value() const;
  int64_t count() const { return count_; }  // predictions seen
  void reset();

 private:
  Tensor correct_;  // int64, rank 0; undefined: none
  int64_t count_ = 0;
};

// What a class is compared by. A ratio without a denominator is 0, as in scikit-learn.
struct ClassMetrics {
  double precision = 0;  // right ones among those predicted as this class
  double recall = 0;     // right ones among those of this class
  double f1 = 0;         // their harmonic mean
  int64_t support = 0;   // targets of this class
};

// Counts of (target, prediction) pairs.
class ConfusionMatrix {
 public:
  // The names are for printing; "0", "1", ... if not given.
  //   errors: throws kInvalidArgument for no classes, or another number of names
  explicit ConfusionMatrix(int64_t num_classes, std::vector<std::string> names = {});

  //   errors: throws kOutOfRange for a class outside [0, num_classes), with its place
  // Waits for the device.
  void update(const Tensor& predictions, const Tensor& targets);

  int64_t num_classes() const { return num_classes_; }
  int64_t count(int64_t target, int64_t prediction) const {
    return counts_[static_cast<size_t>(target * num_classes_ + prediction)];
  }
  int64_t total() const;
  double accuracy() const;  // nan if nothing was seen
  ClassMetrics of_class(int64_t c) const;
  ClassMetrics macro_average() const;     // the plain mean of all classes
  ClassMetrics weighted_average() const;  // the mean weighted by support
  void reset();

  // Rows are targets, columns predictions.
  std::string to_string() const;
  // Precision, recall, F1 and support of every class, and their averages.
  std::string report() const;

 private:
  int64_t num_classes_;
  std::vector<std::string> names_;
  std::vector<int64_t> counts_;  // (target, prediction), by row
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_H_
