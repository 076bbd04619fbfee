// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/precision_recall.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {
namespace {

constexpr char kName[] = "precision_recall_fscore_support";

// Of one class, or of several together.
struct Sums {
  double right = 0, predicted = 0, targets = 0;

  Sums& operator+=(const Sums& other) {
    right += other.right;
    predicted += other.predicted;
    targets += other.targets;
    return *this;
  }
};

Sums sums_of(const ConfusionMatrix& confusion, int64_t c) {
  return {confusion.weight(c, c), confusion.prediction_weight(c), confusion.target_weight(c)};
}

ClassScores scores_of(const Sums& n, const AverageScoresOptions& options) {
  const auto ratio = [&](double part, double whole) {
    return whole == 0 ? options.zero_division : part / whole;
  };
  const double right = n.right, predicted = n.predicted, targets = n.targets;
  const double beta2 = options.beta * options.beta;
  ClassScores scores;
  scores.precision = ratio(right, predicted);
  scores.recall = ratio(right, targets);
  scores.fbeta = options.beta == 0   ? scores.precision
                 : std::isinf(beta2) ? scores.recall
                                     : ratio((1 + beta2) * right, beta2 * targets + predicted);
  scores.support = n.targets;
  return scores;
}

void check(const ConfusionMatrix& confusion, const AverageScoresOptions& options) {
  if (!(options.beta >= 0)) {
    raise_op_error(kName, absl::InvalidArgumentError(
                              absl::StrCat("beta is ", options.beta, ", it must be at least 0")));
  }
  const double z = options.zero_division;
  if (z != 0 && z != 1 && !std::isnan(z)) {
    raise_op_error(kName, absl::InvalidArgumentError(
                              absl::StrCat("zero_division is ", z, ", it must be 0, 1 or nan")));
  }
  std::vector<bool> named(static_cast<size_t>(confusion.num_classes()));
  for (int64_t label : options.labels) {
    if (label < 0 || label >= confusion.num_classes()) {
      raise_op_error(kName, absl::OutOfRangeError(absl::StrCat(
                                "label ", label, ", of ", confusion.num_classes(), " classes")));
    }
    if (named[static_cast<size_t>(label)]) {
      raise_op_error(kName,
                     absl::InvalidArgumentError(absl::StrCat("label ", label, " is named twice")));
    }
    named[static_cast<size_t>(label)] = true;
  }
}

std::vector<int64_t> labels_of(const ConfusionMatrix& confusion,
                               const AverageScoresOptions& options) {
  return options.labels.empty() ? classes_seen(confusion) : options.labels;
}

// The mean of those values that are not nan.
double mean_of(const std::vector<ClassScores>& scores, double ClassScores::*value, bool weighted) {
  double sum = 0, weights = 0, plain_sum = 0, plain_count = 0;
  for (const ClassScores& s : scores) {
    if (std::isnan(s.*value)) continue;
    const double weight = weighted ? s.support : 1;
    sum += weight * (s.*value);
    weights += weight;
    plain_sum += s.*value;
    plain_count += 1;
  }
  if (weights != 0) return sum / weights;
  return plain_count != 0 ? plain_sum / plain_count : std::numeric_limits<double>::quiet_NaN();
}

ClassScores scores_with(const ConfusionMatrix& confusion, const PrecisionRecallOptions& options,
                        double beta) {
  AverageScoresOptions rest = {
      .beta = beta, .labels = options.labels, .zero_division = options.zero_division};
  if (options.average != Average::kBinary) {
    return average_precision_recall_fscore(confusion, options.average, rest);
  }
  if (confusion.num_classes() > 2) {
    raise_op_error(kName, absl::InvalidArgumentError(
                              absl::StrCat("Average::kBinary is for two classes, there are ",
                                           confusion.num_classes(), "; choose another average")));
  }
  rest.labels = {options.pos_label};
  return precision_recall_fscore_support(confusion, rest)[0];
}

}  // namespace

std::vector<int64_t> classes_seen(const ConfusionMatrix& confusion) {
  std::vector<int64_t> seen;
  for (int64_t c = 0; c < confusion.num_classes(); ++c) {
    if (confusion.targets_of(c) != 0 || confusion.predictions_of(c) != 0) seen.push_back(c);
  }
  return seen;
}

std::vector<ClassScores> precision_recall_fscore_support(const ConfusionMatrix& confusion,
                                                         const AverageScoresOptions& options) {
  check(confusion, options);
  std::vector<ClassScores> scores;
  for (int64_t c : labels_of(confusion, options)) {
    scores.push_back(scores_of(sums_of(confusion, c), options));
  }
  return scores;
}

ClassScores average_precision_recall_fscore(const ConfusionMatrix& confusion, Average average,
                                            const AverageScoresOptions& options) {
  check(confusion, options);
  if (average == Average::kBinary) {
    raise_op_error(kName, absl::InvalidArgumentError("Average::kBinary is of one class"));
  }
  const std::vector<int64_t> labels = labels_of(confusion, options);
  if (average == Average::kMicro && !labels.empty()) {
    Sums all;
    for (int64_t c : labels) all += sums_of(confusion, c);
    return scores_of(all, options);
  }
  const std::vector<ClassScores> scores = precision_recall_fscore_support(confusion, options);
  const bool weighted = average == Average::kWeighted;
  ClassScores mean;
  mean.precision = mean_of(scores, &ClassScores::precision, weighted);
  mean.recall = mean_of(scores, &ClassScores::recall, weighted);
  mean.fbeta = mean_of(scores, &ClassScores::fbeta, weighted);
  for (const ClassScores& s : scores) mean.support += s.support;
  return mean;
}

double precision_score(const ConfusionMatrix& confusion, const PrecisionRecallOptions& options) {
  return scores_with(confusion, options, 1).precision;
}

double recall_score(const ConfusionMatrix& confusion, const PrecisionRecallOptions& options) {
  return scores_with(confusion, options, 1).recall;
}

double f1_score(const ConfusionMatrix& confusion, const PrecisionRecallOptions& options) {
  return scores_with(confusion, options, 1).fbeta;
}

double fbeta_score(const ConfusionMatrix& confusion, double beta,
                   const PrecisionRecallOptions& options) {
  return scores_with(confusion, options, beta).fbeta;
}

}  // namespace tessera::nn
