// SPDX-License-Identifier: Apache-2.0
//
// Precision, recall and F-beta of the classes in a confusion matrix, and their averages, as
// sklearn.metrics has them.
//
//   nn::f1_score(confusion, {.average = nn::Average::kMacro});
//   nn::precision_score(confusion, {.pos_label = 1});
//
//   precision  tp / (tp + fp)
//   recall     tp / (tp + fn)
//   F-beta     (1 + beta^2) tp / ((1 + beta^2) tp + beta^2 fn + fp)
// Where samples have weights, these are sums of weights. A ratio whose denominator is 0 is
// zero_division: 0, 1, or nan. Averages leave out nan.
#ifndef TESSERA_NN_METRICS_PRECISION_RECALL_H_
#define TESSERA_NN_METRICS_PRECISION_RECALL_H_

#include <cstdint>
#include <vector>

#include "tessera/nn/metrics/average.h"
#include "tessera/nn/metrics/confusion_matrix.h"

namespace tessera::nn {

struct PrecisionRecallOptions {
  Average average = Average::kBinary;  // kBinary: of pos_label, and there are two classes
  int64_t pos_label = 1;
  std::vector<int64_t> labels = {};  // averaged over; none: those among targets or predictions
  double zero_division = 0;
};

//   errors: throws kInvalidArgument for kBinary with more than two classes, a label named twice, a
//           zero_division other than 0, 1, nan, a beta that is negative or nan; kOutOfRange for a
//           label that is no class
// nan if nothing was seen and no labels are given. With kWeighted, if no label has targets: the
// plain mean.
double precision_score(const ConfusionMatrix& confusion,
                       const PrecisionRecallOptions& options = {});
double recall_score(const ConfusionMatrix& confusion, const PrecisionRecallOptions& options = {});
double f1_score(const ConfusionMatrix& confusion, const PrecisionRecallOptions& options = {});
double fbeta_score(const ConfusionMatrix& confusion, double beta,
                   const PrecisionRecallOptions& options = {});

struct ClassScores {
  double precision = 0, recall = 0, fbeta = 0;
  double support = 0;  // the weight of its targets: their count, if none was given
};

struct AverageScoresOptions {
  double beta = 1;
  std::vector<int64_t> labels = {};  // none: those among targets or predictions
  double zero_division = 0;
};

// Of every label, in the order of `labels`, or, where none are given, ascending.
std::vector<ClassScores> precision_recall_fscore_support(const ConfusionMatrix& confusion,
                                                         const AverageScoresOptions& options = {});
// Of all labels; the support is the sum of theirs. Not for kBinary.
ClassScores average_precision_recall_fscore(const ConfusionMatrix& confusion, Average average,
                                            const AverageScoresOptions& options = {});

// The classes among targets or predictions, ascending.
std::vector<int64_t> classes_seen(const ConfusionMatrix& confusion);

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_PRECISION_RECALL_H_
