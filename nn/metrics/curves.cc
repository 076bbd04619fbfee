// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/curves.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/nn/metrics/gathered_scores.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {
namespace {

// Weights of the samples at or above a threshold.
struct Point {
  double threshold, positives, negatives;
};

// By falling threshold; at least one.
std::vector<Point> points(const char* who, const Tensor& scores, const Tensor& targets,
                          const Tensor& sample_weight) {
  if (scores.dim() == 2 && scores.size(1) != 1) {
    raise_op_error(who, absl::InvalidArgumentError(absl::StrCat(
                            "scores are ", scores.shape().to_string(), ", expected (N)")));
  }
  internal::GatheredScores gathered(who);
  gathered.update(scores, targets, sample_weight);
  std::vector<Point> points;
  Point sum = {};
  const std::vector<internal::ScoreGroups> classes = gathered.groups();
  for (const internal::ScoreGroup& group : classes[0]) {
    sum = {group.score, sum.positives + group.positives, sum.negatives + group.negatives};
    points.push_back(sum);
  }
  if (points.empty()) {
    raise_op_error(who, absl::InvalidArgumentError(
                            absl::StrCat("none of ", scores.size(0), " samples has weight")));
  }
  return points;
}

// The first point, the last, and those between that `matters` is true of, with their neighbours.
template <class F>
std::vector<Point> keep(const std::vector<Point>& points, F&& matters) {
  std::vector<Point> kept;
  for (size_t i = 0; i < points.size(); ++i) {
    const bool is_end = i == 0 || i + 1 == points.size();
    if (is_end || matters(points[i - 1], points[i], points[i + 1])) kept.push_back(points[i]);
  }
  return kept;
}

}  // namespace

RocCurve roc_curve(const Tensor& scores, const Tensor& targets, const RocCurveOptions& options) {
  std::vector<Point> all = points("roc_curve", scores, targets, options.sample_weight);
  if (options.drop_intermediate) {
    all = keep(all, [](const Point& a, const Point& b, const Point& c) {
      return c.positives - b.positives != b.positives - a.positives ||
             c.negatives - b.negatives != b.negatives - a.negatives;
    });
  }
  all.insert(all.begin(), {std::numeric_limits<double>::infinity(), 0, 0});
  const auto part = [](double value, double whole) {
    return whole > 0 ? value / whole : std::numeric_limits<double>::quiet_NaN();
  };
  RocCurve curve;
  for (const Point& point : all) {
    curve.fpr.push_back(part(point.negatives, all.back().negatives));
    curve.tpr.push_back(part(point.positives, all.back().positives));
    curve.thresholds.push_back(point.threshold);
  }
  return curve;
}

PrecisionRecallCurve precision_recall_curve(const Tensor& scores, const Tensor& targets,
                                            const PrecisionRecallCurveOptions& options) {
  std::vector<Point> all = points("precision_recall_curve", scores, targets, options.sample_weight);
  if (options.drop_intermediate) {
    all = keep(all, [](const Point& a, const Point& b, const Point& c) {
      return a.positives != b.positives || b.positives != c.positives;
    });
  }
  const double positives = all.back().positives;
  std::reverse(all.begin(), all.end());
  PrecisionRecallCurve curve;
  for (const Point& point : all) {
    const double predicted = point.positives + point.negatives;
    curve.precision.push_back(predicted != 0 ? point.positives / predicted : 0);
    curve.recall.push_back(positives != 0 ? point.positives / positives : 1);
    curve.thresholds.push_back(point.threshold);
  }
  curve.precision.push_back(1);
  curve.recall.push_back(0);
  return curve;
}

}  // namespace tessera::nn
