// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/device_sum.h"

#include <cmath>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn::internal {

void DeviceSum::add(const Tensor& x) {
  NoGradGuard no_grad;
  if (!sum_.defined()) {
    sum_ = x;
    error_ = zeros_like(sum_);
    return;
  }
  const Tensor sum = sum_ + x;
  const Tensor x_in_sum = sum - sum_;
  error_ = error_ + ((sum_ - (sum - x_in_sum)) + (x - x_in_sum));
  sum_ = sum;
}

std::vector<double> DeviceSum::values() const {
  if (!sum_.defined()) return {};
  std::vector<double> values = sum_.to_vector<double>();
  const std::vector<double> errors = error_.to_vector<double>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) values[i] += errors[i];
  }
  return values;
}

void DeviceSum::merge(const DeviceSum& other) {
  if (!other.sum_.defined()) return;
  NoGradGuard no_grad;
  const auto here = [this](const Tensor& x) {
    return sum_.defined() ? x.to(sum_.device()).to(sum_.dtype()) : x;
  };
  const Tensor sum = here(other.sum_), error = here(other.error_);
  add(sum);
  error_ = error_ + error;
}

}  // namespace tessera::nn::internal
