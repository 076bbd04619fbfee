// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/regression.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/nn/metrics/sample_weight.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::nn {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// (N, outputs) float32 or float64.
struct Columns {
  Tensor prediction, target;
  Tensor weight;  // (N, 1), or undefined

  Tensor weighted_sum(const Tensor& x) const { return (weight.defined() ? x * weight : x).sum(0); }
};

Columns columns(const char* name, const Tensor& predictions, const Tensor& targets,
                const Tensor& sample_weight, const internal::DeviceSum& sum) {
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
  Columns result = {as_columns(predictions), as_columns(targets),
                    internal::sample_weight(name, sample_weight, {targets.size(0)})};
  if (result.weight.defined()) result.weight = result.weight.unsqueeze(1);
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

std::vector<double> divided(std::vector<double> sums, double total) {
  for (double& sum : sums) sum = total == 0 ? kNan : sum / total;
  return sums;
}

}  // namespace

// ---- Mean squared error ----

void MeanSquaredError::update(const Tensor& predictions, const Tensor& targets,
                              const Tensor& sample_weight) {
  if (step_recorder() != nullptr) {
    return internal::update_each_time(this, predictions, targets, sample_weight);
  }
  NoGradGuard no_grad;
  const Columns x = columns("MeanSquaredError", predictions, targets, sample_weight, sum_);
  sum_.add(x.weighted_sum((x.target - x.prediction).square()));
  total_.add(x.target.size(0), x.weight);
}

std::vector<double> MeanSquaredError::compute_per_output() const {
  std::vector<double> means = divided(sum_.values(), total_.value());
  if (!options_.squared) {
    for (double& mean : means) mean = std::sqrt(mean);
  }
  return means;
}

double MeanSquaredError::compute() const { return mean_of(compute_per_output()); }

void MeanSquaredError::merge(const MeanSquaredError& other) {
  check_outputs("MeanSquaredError", sum_, other.sum_);
  sum_.merge(other.sum_);
  total_.merge(other.total_);
}

// ---- Mean absolute error ----

void MeanAbsoluteError::update(const Tensor& predictions, const Tensor& targets,
                               const Tensor& sample_weight) {
  if (step_recorder() != nullptr) {
    return internal::update_each_time(this, predictions, targets, sample_weight);
  }
  NoGradGuard no_grad;
  const Columns x = columns("MeanAbsoluteError", predictions, targets, sample_weight, sum_);
  sum_.add(x.weighted_sum((x.target - x.prediction).abs()));
  total_.add(x.target.size(0), x.weight);
}

std::vector<double> MeanAbsoluteError::compute_per_output() const {
  return divided(sum_.values(), total_.value());
}

double MeanAbsoluteError::compute() const { return mean_of(compute_per_output()); }

void MeanAbsoluteError::merge(const MeanAbsoluteError& other) {
  check_outputs("MeanAbsoluteError", sum_, other.sum_);
  sum_.merge(other.sum_);
  total_.merge(other.total_);
}

// ---- R2 ----

void R2Score::update(const Tensor& predictions, const Tensor& targets,
                     const Tensor& sample_weight) {
  if (step_recorder() != nullptr) {
    return internal::update_each_time(this, predictions, targets, sample_weight);
  }
  NoGradGuard no_grad;
  const Columns x = columns("R2Score", predictions, targets, sample_weight, residuals_);
  if (x.target.size(0) == 0) return;
  if (!shift_.defined()) shift_ = x.target.select(0, 0).clone();
  const Tensor shifted = x.target - shift_;
  residuals_.add(x.weighted_sum((x.target - x.prediction).square()));
  shifted_.add(x.weighted_sum(shifted));
  squares_.add(x.weighted_sum(shifted.square()));
  total_.add(x.target.size(0), x.weight);
}

std::vector<double> R2Score::total_squares() const {
  const std::vector<double> sums = shifted_.values();
  std::vector<double> totals = squares_.values();
  const double weight = total_.value();
  for (size_t i = 0; i < totals.size(); ++i) {
    totals[i] = std::max(0.0, totals[i] - sums[i] * sums[i] / weight);
  }
  return totals;
}

std::vector<double> R2Score::compute_per_output() const {
  const std::vector<double> residuals = residuals_.values(), totals = total_squares();
  std::vector<double> scores(totals.size(), kNan);
  if (total_.count() < 2 || total_.value() == 0) return scores;
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

// With d = other.shift - shift and n the other's weight:
//   sum(y - shift)   = sum(y - other.shift) + n d
//   sum((y - shift)^2) = sum((y - other.shift)^2) + 2 d sum(y - other.shift) + n d^2
void R2Score::merge(const R2Score& other) {
  check_outputs("R2Score", residuals_, other.residuals_);
  if (other.total_.count() == 0) return;
  NoGradGuard no_grad;
  if (!shift_.defined()) {
    const R2ScoreOptions options = options_;
    *this = other;
    options_ = options;
    return;
  }
  const auto here = [this](const Tensor& x) { return x.to(shift_.device()).to(shift_.dtype()); };
  const Tensor d = here(other.shift_) - shift_, other_sum = here(other.shifted_.sum());
  const double n = other.total_.value();
  residuals_.merge(other.residuals_);
  squares_.merge(other.squares_);
  squares_.add(d * other_sum * 2.0 + d.square() * n);
  shifted_.merge(other.shifted_);
  shifted_.add(d * n);
  total_.merge(other.total_);
}

}  // namespace tessera::nn
