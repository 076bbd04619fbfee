// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/log_loss.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/nn/metrics/sample_weight.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/join.h"

namespace tessera::nn {

void LogLoss::update(const Tensor& predictions, const Tensor& targets,
                     const Tensor& sample_weight) {
  if (step_recorder() != nullptr) {
    return internal::update_each_time(this, predictions, targets, sample_weight);
  }
  NoGradGuard no_grad;
  const bool binary =
      predictions.dim() == 1 || (predictions.dim() == 2 && predictions.size(1) == 1);
  const bool fits =
      targets.dim() == 1 && predictions.dim() >= 1 && targets.size(0) == predictions.size(0);
  if (!predictions.is_floating_point() || targets.is_floating_point() || predictions.dim() > 2 ||
      !(fits || (binary && predictions.shape() == targets.shape()))) {
    raise_op_error("LogLoss", absl::InvalidArgumentError(absl::StrCat(
                                  "predictions are ", dtype_name(predictions.dtype()), " ",
                                  predictions.shape().to_string(), ", targets ",
                                  dtype_name(targets.dtype()), " ", targets.shape().to_string(),
                                  "; expected probabilities (N) or (N, C), and classes (N)")));
  }
  const Tensor weight = internal::sample_weight("LogLoss", sample_weight, {predictions.size(0)});
  if (targets.numel() == 0) return;
  Tensor p = predictions.dtype() == kFloat64 ? predictions : predictions.to(kFloat32);
  const double eps = p.dtype() == kFloat64 ? std::numeric_limits<double>::epsilon()
                                           : std::numeric_limits<float>::epsilon();
  p = p.clamp(eps, 1 - eps);
  if (binary) {
    p = p.flatten();
    p = stack({1 - p, p}, 1);
  }
  const Tensor target = targets.to(kInt64).flatten().unsqueeze(1);
  const Tensor losses = -p.gather(1, target).log().flatten();
  sum_.add((weight.defined() ? losses * weight : losses).sum());
  total_.add(targets.numel(), weight);
}

double LogLoss::compute() const {
  const double total = total_.value();
  if (total == 0) return std::numeric_limits<double>::quiet_NaN();
  return sum_.values()[0] / total;
}

void LogLoss::merge(const LogLoss& other) {
  sum_.merge(other.sum_);
  total_.merge(other.total_);
}

}  // namespace tessera::nn
