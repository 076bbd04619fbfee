// SPDX-License-Identifier: Apache-2.0
//
// A tensor (N, F) of samples, feature by feature; what standard_scaler.h and simple_imputer.h
// share.
#ifndef TESSERA_DATA_FEATURE_COLUMNS_H_
#define TESSERA_DATA_FEATURE_COLUMNS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera::data {

class FeatureColumns {
 public:
  //   errors: kInvalidArgument, thrown, unless x is (N, F) with N >= 1 and floating point. Messages
  //           begin with `who`.
  FeatureColumns(std::string_view who, const Tensor& x);
  int64_t count() const { return values_.size(1); }
  // The values of a feature that are not NaN.
  //   errors: kInvalidArgument, thrown, with the row of an infinite value
  std::vector<double> present(int64_t feature) const;

 private:
  std::string who_;
  Tensor values_;  // float64, dense in host memory
};

// (F) float64 in host memory.
Tensor statistics_tensor(const std::vector<double>& values);
// A copy of statistics that a program kept, as statistics_tensor() makes them.
//   errors: kInvalidArgument, thrown, unless `kept` is (F) and floating point
Tensor host_statistics(std::string_view who, std::string_view name, const Tensor& kept);

// Throws Error unless there are `statistics` and x is (..., F) and floating point.
void check_features(std::string_view who, const Tensor& statistics, const Tensor& x);
// `statistics` in the dtype and on the device of x.
Tensor like_features(const Tensor& statistics, const Tensor& x);

}  // namespace tessera::data

#endif  // TESSERA_DATA_FEATURE_COLUMNS_H_
