// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/feature_columns.h"

#include <cmath>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {
namespace {

void check_floating_point(std::string_view who, std::string_view what, const Tensor& x) {
  if (x.is_floating_point()) return;
  raise(absl::InvalidArgumentError(absl::StrCat(who, ": ", what, " is ", dtype_name(x.dtype()),
                                                ", expected a floating point dtype")));
}

Tensor host_float64(const Tensor& x) {
  return x.to(value_or_raise(host_device())).to(kFloat64).contiguous();
}

}  // namespace

FeatureColumns::FeatureColumns(std::string_view who, const Tensor& x) : who_(who) {
  check_floating_point(who, "x", x);
  if (x.dim() != 2 || x.size(0) == 0) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        who, ": expected (N, F) with N at least 1, got shape ", x.shape().to_string())));
  }
  values_ = host_float64(x);
}

std::vector<double> FeatureColumns::present(int64_t feature) const {
  std::vector<double> present;
  const double* value = values_.data<double>() + feature;
  for (int64_t row = 0; row < values_.size(0); ++row, value += count()) {
    if (std::isnan(*value)) continue;
    if (std::isinf(*value)) {
      raise(absl::InvalidArgumentError(absl::StrCat(who_, ": feature ", feature, " is ", *value,
                                                    " in row ", row, ", expected finite values")));
    }
    present.push_back(*value);
  }
  return present;
}

Tensor statistics_tensor(const std::vector<double>& values) {
  Tensor result = value_or_raise(new_host_tensor(kFloat64, {static_cast<int64_t>(values.size())}));
  if (values.empty()) return result;
  std::memcpy(result.mutable_data<double>(), values.data(), values.size() * sizeof(double));
  return result;
}

Tensor host_statistics(std::string_view who, std::string_view name, const Tensor& kept) {
  check_floating_point(who, name, kept);
  if (kept.dim() != 1) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(who, ": ", name, " has shape ", kept.shape().to_string(), ", expected (F)")));
  }
  return host_float64(kept).clone();
}

void check_features(std::string_view who, const Tensor& statistics, const Tensor& x) {
  if (!statistics.defined()) {
    raise(absl::FailedPreconditionError(absl::StrCat(who, ": fit() has not been called")));
  }
  check_floating_point(who, "x", x);
  if (x.dim() == 0 || x.size(-1) != statistics.size(0)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(who, ": expected (..., F) with F = ", statistics.size(0), ", got shape ",
                     x.shape().to_string())));
  }
}

Tensor like_features(const Tensor& statistics, const Tensor& x) {
  return statistics.to(x.dtype()).to(x.device());
}

}  // namespace tessera::data
