// SPDX-License-Identifier: Apache-2.0
//
// SimpleImputer: puts a value in place of each NaN, feature by feature.
//
//   data::SimpleImputer imputer({.strategy = data::ImputeStrategy::kMedian});
//   imputer.fit(data::get_all(train).x);
//   data::MapDataset full(train, data::Compose(imputer, scaler));
//
//   source: sklearn.impute.SimpleImputer
#ifndef TESSERA_DATA_SIMPLE_IMPUTER_H_
#define TESSERA_DATA_SIMPLE_IMPUTER_H_

#include "tessera/tensor/tensor.h"

namespace tessera::data {

// kMostFrequent: of values that are equally frequent, the smallest
enum class ImputeStrategy { kMean, kMedian, kMostFrequent, kConstant };

struct SimpleImputerOptions {
  ImputeStrategy strategy = ImputeStrategy::kMean;
  double fill_value = 0;  // for kConstant
};

class SimpleImputer {
 public:
  explicit SimpleImputer(SimpleImputerOptions options = {}) : options_(options) {}
  // From what statistics() of another gave.
  //   errors: kInvalidArgument, thrown, unless it is (F) and floating point
  explicit SimpleImputer(const Tensor& statistics);

  // Learns what stands for NaN in each feature.
  //   shape:  x (N, F), N >= 1
  //   dtype:  floating point; computed in float64
  //   errors: kInvalidArgument, thrown: another shape or dtype, an infinite value, a feature that
  //           is NaN in every row (unless kConstant)
  SimpleImputer& fit(const Tensor& x);

  //   shape:  (..., F)
  //   dtype:  floating point, also the result's
  //   errors: kInvalidArgument, thrown; kFailedPrecondition before fit()
  Tensor operator()(const Tensor& x) const;
  Tensor batch(const Tensor& x) const { return (*this)(x); }
  Tensor transform(const Tensor& x) const { return (*this)(x); }
  Tensor fit_transform(const Tensor& x) { return fit(x)(x); }

  // (F) float64. Undefined before fit().
  const Tensor& statistics() const { return statistics_; }

 private:
  SimpleImputerOptions options_;
  Tensor statistics_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_SIMPLE_IMPUTER_H_
