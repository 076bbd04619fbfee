// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/simple_imputer.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/column_statistics.h"
#include "tessera/data/feature_columns.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::data {
namespace {

double statistic_of(std::vector<double> values, const SimpleImputerOptions& options) {
  switch (options.strategy) {
    case ImputeStrategy::kMean:
      return mean_of(values);
    case ImputeStrategy::kMedian:
      return median_of(std::move(values));
    case ImputeStrategy::kMostFrequent:
      return most_frequent_of(std::move(values));
    case ImputeStrategy::kConstant:
      break;
  }
  return options.fill_value;
}

}  // namespace

SimpleImputer::SimpleImputer(const Tensor& statistics)
    : statistics_(host_statistics("SimpleImputer", "statistics", statistics)) {}

SimpleImputer& SimpleImputer::fit(const Tensor& x) {
  const FeatureColumns columns("SimpleImputer::fit", x);
  std::vector<double> statistics;
  for (int64_t feature = 0; feature < columns.count(); ++feature) {
    std::vector<double> values = columns.present(feature);
    if (values.empty() && options_.strategy != ImputeStrategy::kConstant) {
      raise(absl::InvalidArgumentError(absl::StrCat("SimpleImputer::fit: feature ", feature,
                                                    " is NaN in all ", x.size(0), " rows")));
    }
    statistics.push_back(statistic_of(std::move(values), options_));
  }
  statistics_ = statistics_tensor(statistics);
  return *this;
}

Tensor SimpleImputer::operator()(const Tensor& x) const {
  check_features("SimpleImputer", statistics_, x);
  return where(x.isnan(), like_features(statistics_, x), x);
}

}  // namespace tessera::data
