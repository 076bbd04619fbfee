// SPDX-License-Identifier: Apache-2.0
//
// StandardScaler: features with mean 0 and standard deviation 1.
//
//   data::StandardScaler scaler;
//   scaler.fit(data::get_all(train).x);                  // learns from the training part alone
//   data::DataLoader loader(data::MapDataset(train, scaler), {.batch_size = 64});
//   Tensor z = scaler(test_x);                           // the same shift and scale
//
//   source: sklearn.preprocessing.StandardScaler
#ifndef TESSERA_DATA_STANDARD_SCALER_H_
#define TESSERA_DATA_STANDARD_SCALER_H_

#include "tessera/tensor/tensor.h"

namespace tessera::data {

class StandardScaler {
 public:
  // Scales nothing before fit().
  StandardScaler() = default;
  // From what mean() and scale() of another gave: (F) each, any floating point dtype.
  //   errors: kInvalidArgument, thrown: other shapes or dtypes, a scale that is not positive
  StandardScaler(const Tensor& mean, const Tensor& scale);

  // Learns each feature's mean and standard deviation (of the population: divided by N).
  //   shape:  x (N, F), N >= 1
  //   dtype:  floating point; computed in float64
  //   errors: kInvalidArgument, thrown: another shape or dtype, an infinite value, a feature that
  //           is NaN in every row
  // NaN stands for a missing value and is left out. A feature without spread gets scale 1.
  StandardScaler& fit(const Tensor& x);

  // (x - mean) / scale.
  //   shape:  (..., F)
  //   dtype:  floating point, also the result's
  //   errors: kInvalidArgument, thrown; kFailedPrecondition before fit()
  Tensor operator()(const Tensor& x) const;
  Tensor batch(const Tensor& x) const { return (*this)(x); }
  Tensor transform(const Tensor& x) const { return (*this)(x); }
  Tensor fit_transform(const Tensor& x) { return fit(x)(x); }
  // x * scale + mean.
  Tensor inverse_transform(const Tensor& x) const;

  // (F) float64, to save beside the model's weights. Undefined before fit().
  const Tensor& mean() const { return mean_; }
  const Tensor& scale() const { return scale_; }

 private:
  void check(const char* function, const Tensor& x) const;
  Tensor mean_;
  Tensor scale_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_STANDARD_SCALER_H_
