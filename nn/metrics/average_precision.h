// SPDX-License-Identifier: Apache-2.0
//
// AveragePrecision: the area under the precision-recall steps, as
// sklearn.metrics.average_precision_score.
#ifndef TESSERA_NN_METRICS_AVERAGE_PRECISION_H_
#define TESSERA_NN_METRICS_AVERAGE_PRECISION_H_

#include <vector>

#include "tessera/nn/metrics/average.h"
#include "tessera/nn/metrics/gathered_scores.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct AveragePrecisionOptions {
  Average average =
      Average::kMacro;  // of the classes, each against the rest; unused for scores (N)
};

// The sum of (recall gained) x (precision) over all distinct scores as thresholds, not
// interpolated. Keeps all scores, on their device.
class AveragePrecision {
 public:
  explicit AveragePrecision(const AveragePrecisionOptions& options = {}) : options_(options) {}

  // Takes what AUROC::update takes, and refuses what it refuses.
  void update(const Tensor& predictions, const Tensor& targets, const Tensor& sample_weight = {}) {
    scores_.update(predictions, targets, sample_weight);
  }
  // In [0, 1]; of a class without targets 0. nan if nothing was seen.
  //   errors: throws kOutOfRange for a target that is no class; kInvalidArgument if a score is nan,
  //           or for Average::kBinary with several classes
  double compute() const;
  // Of each class against the rest; one for scores (N).
  std::vector<double> compute_per_class() const;
  //   errors: throws kInvalidArgument if `other` has seen another number of classes
  void merge(const AveragePrecision& other) { scores_.merge(other.scores_); }
  void reset() { scores_.reset(); }

 private:
  AveragePrecisionOptions options_;
  internal::GatheredScores scores_{"AveragePrecision"};
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_AVERAGE_PRECISION_H_
