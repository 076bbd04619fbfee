// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/standard_scaler.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/column_statistics.h"
#include "tessera/data/feature_columns.h"

namespace tessera::data {
namespace {

// The standard deviation, or 1 where it is no more than rounding errors.
double scale_of(const std::vector<double>& values, double mean) {
  const double n = static_cast<double>(values.size());
  double squares = 0, rest = 0;
  for (double value : values) {
    squares += (value - mean) * (value - mean);
    rest += value - mean;
  }
  const double variance = (squares - rest * rest / n) / n;
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  const double noise = n * kEpsilon * variance + std::pow(n * mean * kEpsilon, 2);
  return variance <= noise ? 1 : std::sqrt(variance);
}

}  // namespace

StandardScaler::StandardScaler(const Tensor& mean, const Tensor& scale)
    : mean_(host_statistics("StandardScaler", "mean", mean)),
      scale_(host_statistics("StandardScaler", "scale", scale)) {
  if (mean_.shape() != scale_.shape()) {
    raise(absl::InvalidArgumentError(absl::StrCat("StandardScaler: mean has shape ",
                                                  mean_.shape().to_string(), ", scale ",
                                                  scale_.shape().to_string())));
  }
  for (double value : scale_.to_vector<double>()) {
    if (!(value > 0)) {
      raise(absl::InvalidArgumentError(
          absl::StrCat("StandardScaler: scale ", value, " is not positive")));
    }
  }
}

StandardScaler& StandardScaler::fit(const Tensor& x) {
  const FeatureColumns columns("StandardScaler::fit", x);
  std::vector<double> means, scales;
  for (int64_t feature = 0; feature < columns.count(); ++feature) {
    const std::vector<double> values = columns.present(feature);
    if (values.empty()) {
      raise(absl::InvalidArgumentError(absl::StrCat("StandardScaler::fit: feature ", feature,
                                                    " is NaN in all ", x.size(0), " rows")));
    }
    means.push_back(mean_of(values));
    scales.push_back(scale_of(values, means.back()));
  }
  mean_ = statistics_tensor(means);
  scale_ = statistics_tensor(scales);
  return *this;
}

void StandardScaler::check(const char* function, const Tensor& x) const {
  check_features(absl::StrCat("StandardScaler", function), mean_, x);
}

Tensor StandardScaler::operator()(const Tensor& x) const {
  check("", x);
  Tensor result = x.sub(like_features(mean_, x));
  result.div_(like_features(scale_, x));
  return result;
}

Tensor StandardScaler::inverse_transform(const Tensor& x) const {
  check("::inverse_transform", x);
  Tensor result = x.mul(like_features(scale_, x));
  result.add_(like_features(mean_, x));
  return result;
}

}  // namespace tessera::data
