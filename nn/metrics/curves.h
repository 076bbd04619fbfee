// SPDX-License-Identifier: Apache-2.0
//
// The points of curves over all thresholds, as sklearn.metrics.roc_curve and
// precision_recall_curve.
//
//   nn::RocCurve roc = nn::roc_curve(scores, y);
//   for (size_t i = 0; i < roc.fpr.size(); ++i) plot(roc.fpr[i], roc.tpr[i]);
#ifndef TESSERA_NN_METRICS_CURVES_H_
#define TESSERA_NN_METRICS_CURVES_H_

#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera::nn {

// Both functions:
//   shape:  scores (N) or (N, 1): any that rise with the probability of class 1; targets of the
//   same
//           shape or (N); sample_weight (N), samples of weight 0 are left out
//   dtype:  scores: floating point; targets: any, of 0 and 1
//   errors: throws kInvalidArgument for others, for a nan score, and if no sample has weight;
//           kOutOfRange for another target
// They wait for the device.

struct RocCurveOptions {
  bool drop_intermediate = true;  // leave out points on a line between their neighbours
  Tensor sample_weight = {};
};

// A sample counts as of class 1 if its score is at least the threshold.
struct RocCurve {
  std::vector<double> fpr;  // false positives over negatives, rising from 0; nan if no negatives
  std::vector<double> tpr;  // true positives over positives, likewise
  std::vector<double> thresholds;  // falling, from infinity
};
RocCurve roc_curve(const Tensor& scores, const Tensor& targets,
                   const RocCurveOptions& options = {});

struct PrecisionRecallCurveOptions {
  bool drop_intermediate = false;  // leave out all but the ends of runs of equal recall
  Tensor sample_weight = {};
};

struct PrecisionRecallCurve {
  std::vector<double> precision;   // the last is 1, which no threshold gives
  std::vector<double> recall;      // falling to 0; but for that 1 if there are no positives
  std::vector<double> thresholds;  // rising; one fewer than points
};
PrecisionRecallCurve precision_recall_curve(const Tensor& scores, const Tensor& targets,
                                            const PrecisionRecallCurveOptions& options = {});

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_CURVES_H_
