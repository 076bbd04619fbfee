// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/regression.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::nn {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// (N, outputs) float32 or float64.
struct Columns {
  Tensor prediction, target;
};

Columns columns(const char* name, const Tensor& predictions, const Tensor& targets,
                const internal::DeviceSum& sum) {
  const auto refuse = [&](std::string_view wanted) {
    raise_op_error(name, absl::InvalidArgumentError(absl::StrCat(
                             "predictions are ", predictions.shape().to_string(), ", targets ",
                             targets.shape().to_string(), "; ", wanted)));
  };
  if (predictions.shape() != targets.shape() || predictions.dim() < 1 || predictions.dim() > 2) {
    refuse("expected (N) or (N, outputs), both the same");
  }
  const auto as_columns = [](const Tensor& x) {
    return (x.dtype() == kFloat64 ? x : x.to(kFloat32))
        .reshape({x.size(0), x.dim() == 1 ? 1 : x.size(1)});
  };
  const Columns result = {as_columns(predictions), as_columns(targets)};
  if (sum.sum().defined() && sum.sum().size(0) != result.target.size(1)) {
    refuse(absl::StrCat("before, there were ", sum.sum().size(0), " outputs"));
  }
  return result;
}

void check_outputs(const char* name, const internal::DeviceSum& a, const internal::DeviceSum& b) {
  if (!a.sum().defined() || !b.sum().defined() || a.sum().size(0) == b.sum().size(0)) return;
  raise_op_error(name, absl::InvalidArgumentError(absl::StrCat("merge: ", a.sum().size(0),
                                                               " outputs with ", b.sum().size(0))));
}

double mean_of(const std::vector<double>& values) {
  if (values.empty()) return kNan;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> divided(std::vector<double> sums, int64_t count) {
  for (double& sum : sums) sum = count == 0 ? kNan : sum / static_cast<double>(count);
  return sums;
}

}  // namespace

// ---- Mean squared error ----

void MeanSquaredError::update(const Tensor& predictions, const Tensor& targets) {
  NoGradGuard no_grad;
  const auto [prediction, target] = columns("MeanSquaredError", predictions, targets, sum_);
  sum_.add((target - prediction).square().sum(0));
  count_ += target.size(0);
}

std::vector<double> MeanSquaredError::compute_per_output() const {
  std::vector<double> means = divided(sum_.values(), count_);
  if (!options_.squared) {
    for (double& mean : means) mean = std::sqrt(mean);
  }
  return means;
}

double MeanSquaredError::compute() const { return mean_of(compute_per_output()); }

void MeanSquaredError::merge(const MeanSquaredError& other) {
  check_outputs("MeanSquaredError", sum_, other.sum_);
  sum_.merge(other.sum_);
  count_ += other.count_;
}

// ---- Mean absolute error ----

void MeanAbsoluteError::update(const Tensor& predictions, const Tensor& targets) {
  NoGradGuard no_grad;
  const auto [prediction, target] = columns("MeanAbsoluteError", predictions, targets, sum_);
  sum_.add((target - prediction).abs().sum(0));
  count_ += target.size(0);
}

std::vector<double> MeanAbsoluteError::compute_per_output() const {
  return divided(sum_.values(), count_);
}

double MeanAbsoluteError::compute() const { return mean_of(compute_per_output()); }

void MeanAbsoluteError::merge(const MeanAbsoluteError& other) {
  check_outputs("MeanAbsoluteError", sum_, other.sum_);
  sum_.merge(other.sum_);
  count_ += other.count_;
}

// ---- R2 ----

void R2Score::update(const Tensor& predictions, const Tensor& targets) {
  NoGradGuard no_grad;
  const auto [prediction, target] = columns("R2Score", predictions, targets, residuals_);
  if (target.size(0) == 0) return;
  if (!shift_.defined()) shift_ = target.select(0, 0).clone();
  const Tensor shifted = target - shift_;
  residuals_.add((target - prediction).square().sum(0));
  shifted_.add(shifted.sum(0));
  squares_.add(shifted.square().sum(0));
  count_ += target.size(0);
}

std::vector<double> R2Score::total_squares() const {
  const std::vector<double> sums = shifted_.values();
  std::vector<double> totals = squares_.values();
  for (size_t i = 0; i < totals.size(); ++i) {
    totals[i] = std::max(0.0, totals[i] - sums[i] * sums[i] / static_cast<double>(count_));
  }
  return totals;
}

std::vector<double> R2Score::compute_per_output() const {
  const std::vector<double> residuals = residuals_.values(), totals = total_squares();
  std::vector<double> scores(totals.size(), kNan);
  if (count_ < 2) return scores;
  for (size_t i = 0; i < scores.size(); ++i) {
    scores[i] = totals[i] != 0 ? 1 - residuals[i] / totals[i] : residuals[i] == 0 ? 1 : 0;
  }
  return scores;
}

double R2Score::compute() const {
  const std::vector<double> scores = compute_per_output();
  if (options_.multioutput == MultiOutput::kUniformAverage) return mean_of(scores);
  const std::vector<double> weights = total_squares();
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (all == 0) return mean_of(scores);
  return std::inner_product(scores.begin(), scores.end(), weights.begin(), 0.0) / all;
}

// With d = other.shift - shift and n the other's count:
//   sum(y - shift)   = sum(y - other.shift) + n d
//   sum((y - shift)^2) = sum((y - other.shift)^2) + 2 d sum(y - other.shift) + n d^2
void R2Score::merge(const R2Score& other) {
  check_outputs("R2Score", residuals_, other.residuals_);
  if (other.count_ == 0) return;
  NoGradGuard no_grad;
  if (!shift_.defined()) {
    const R2ScoreOptions options = options_;
    *this = other;
    options_ = options;
    return;
  }
  const auto here = [this](const Tensor& x) { return x.to(shift_.device()).to(shift_.dtype()); };
  const Tensor d = here(other.shift_) - shift_, other_sum = here(other.shifted_.sum());
  const double n = static_cast<double>(other.count_);
  residuals_.merge(other.residuals_);
  squares_.merge(other.squares_);
  squares_.add(d * other_sum * 2.0 + d.square() * n);
  shifted_.merge(other.shifted_);
  shifted_.add(d * n);
  count_ += other.count_;
}

}  // namespace tessera::nn
