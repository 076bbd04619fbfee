// SPDX-License-Identifier: Apache-2.0
//
// LinearRegression and Ridge: least squares in closed form, as sklearn.linear_model's.
//
//   nn::LinearRegression model;
//   model.fit(x, y);                // y (n), or (n, outputs)
//   model.score(test_x, test_y);    // R^2
#ifndef TESSERA_NN_ESTIMATORS_LINEAR_REGRESSION_H_
#define TESSERA_NN_ESTIMATORS_LINEAR_REGRESSION_H_

#include <cstdint>

#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct LinearRegressionOptions {
  bool fit_intercept = true;
};

// Minimises |x coef^T + intercept - y|^2; among several such coefs that of least norm.
//   source: a QR factorisation on the host in double, estimators/least_squares.h
class LinearRegression {
 public:
  explicit LinearRegression(const LinearRegressionOptions& options = {})
      : LinearRegression("LinearRegression", 0, options.fit_intercept) {}

  //   shape:  x (n, features); y (n) or (n, outputs)
  //   dtype:  x float32 or float64; y any, converted
  //   errors: throws kInvalidArgument for others, and for elements that are not finite
  // What was fitted before is forgotten. Waits for the device.
  LinearRegression& fit(const Tensor& x, const Tensor& y);

  //   shape:  x (n, features) -> (n) or (n, outputs), as fit()'s y
  //   errors: throw kInvalidArgument for an x that is not like fit()'s; kFailedPrecondition before
  //           fit()
  Tensor predict(const Tensor& x) const;
  // R^2, the mean over outputs (nn::R2Score). Waits for the device.
  double score(const Tensor& x, const Tensor& y) const;

  // After fit(); x's dtype and device.
  const Tensor& coef() const { return coef_; }            // (features) or (outputs, features)
  const Tensor& intercept() const { return intercept_; }  // () or (outputs); 0 if not fitted
  int64_t rank() const { return rank_; }                  // of x, with its means taken off

 protected:
  LinearRegression(const char* name, double alpha, bool fit_intercept)
      : name_(name), alpha_(alpha), fit_intercept_(fit_intercept) {}

 private:
  const char* name_;
  double alpha_;
  bool fit_intercept_;
  Tensor coef_, intercept_;
  int64_t rank_ = 0;
};

struct RidgeOptions {
  double alpha = 1;
  bool fit_intercept = true;
};

// Minimises |x coef^T + intercept - y|^2 + alpha |coef|^2. rank() is that of x with alpha's rows.
class Ridge : public LinearRegression {
 public:
  //   errors: throws kInvalidArgument if alpha is negative
  explicit Ridge(const RidgeOptions& options = {});
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_ESTIMATORS_LINEAR_REGRESSION_H_
