// SPDX-License-Identifier: Apache-2.0
//
// Errors of regressions, as sklearn.metrics has them: mean_squared_error (and its root),
// mean_absolute_error and r2_score.
//
//   nn::R2Score r2;
//   r2.update(model(x), y);
//   r2.compute();
#ifndef TESSERA_NN_METRICS_REGRESSION_H_
#define TESSERA_NN_METRICS_REGRESSION_H_

#include <cstdint>
#include <vector>

#include "tessera/nn/metrics/device_sum.h"
#include "tessera/nn/metrics/sample_weight.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

// All updates:
//   shape:  predictions and targets (N) or (N, outputs), both the same; sample_weight (N)
//   dtype:  floating point, else converted to float32; the half types are computed in float32
//   errors: throws kInvalidArgument for other shapes, with both, or another number of outputs than
//           before
// compute() is the mean over outputs (multioutput="uniform_average"), compute_per_output() the
// values themselves ("raw_values"). Means are weighted by sample_weight. nan if nothing was seen,
// or if the weights sum to 0.

struct MeanSquaredErrorOptions {
  bool squared = true;  // false: the root of each output's mean
};

class MeanSquaredError {
 public:
  explicit MeanSquaredError(const MeanSquaredErrorOptions& options = {}) : options_(options) {}
  void update(const Tensor& predictions, const Tensor& targets, const Tensor& sample_weight = {});
  double compute() const;
  std::vector<double> compute_per_output() const;
  void merge(const MeanSquaredError& other);
  void reset() { *this = MeanSquaredError(options_); }

 private:
  MeanSquaredErrorOptions options_;
  internal::DeviceSum sum_;  // (outputs)
  internal::WeightTotal total_;
};

class MeanAbsoluteError {
 public:
  void update(const Tensor& predictions, const Tensor& targets, const Tensor& sample_weight = {});
  double compute() const;
  std::vector<double> compute_per_output() const;
  void merge(const MeanAbsoluteError& other);
  void reset() { *this = MeanAbsoluteError(); }

 private:
  internal::DeviceSum sum_;  // (outputs)
  internal::WeightTotal total_;
};

enum class MultiOutput {
  kUniformAverage,    // the plain mean of the outputs
  kVarianceWeighted,  // weighted by the variance of their targets
};

struct R2ScoreOptions {
  MultiOutput multioutput = MultiOutput::kUniformAverage;
};

// 1 - sum(w (y - prediction)^2) / sum(w (y - mean(y))^2), w the weights. Where all targets are
// equal: 1 if the predictions are too, else 0. nan for fewer than two samples.
class R2Score {
 public:
  explicit R2Score(const R2ScoreOptions& options = {}) : options_(options) {}
  void update(const Tensor& predictions, const Tensor& targets, const Tensor& sample_weight = {});
  double compute() const;
  std::vector<double> compute_per_output() const;
  void merge(const R2Score& other);
  void reset() { *this = R2Score(options_); }

 private:
  // sum((y - mean(y))^2) of each output
  std::vector<double> total_squares() const;

  R2ScoreOptions options_;
  Tensor shift_;  // the first target: sums are of y - shift, which rounds little
  // Weighted sums.
  internal::DeviceSum residuals_;  // of (y - prediction)^2
  internal::DeviceSum shifted_;    // of y - shift
  internal::DeviceSum squares_;    // of (y - shift)^2
  internal::WeightTotal total_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_REGRESSION_H_
