// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/estimators/linear_regression.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/nn/estimators/check_data.h"
#include "tessera/nn/estimators/least_squares.h"
#include "tessera/nn/metrics/regression.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/matmul.h"

namespace tessera::nn {
namespace {

using internal::Matrix;

// (rows + extra_rows, columns) of x (rows, columns); the last rows are 0.
Matrix to_matrix(const char* name, const char* which, const Tensor& x, int64_t extra_rows) {
  const int64_t rows = x.size(0);
  const std::vector<double> values = x.t().to_vector<double>();
  Matrix matrix(rows + extra_rows, x.size(1));
  for (int64_t j = 0; j < x.size(1); ++j) {
    for (int64_t i = 0; i < rows; ++i) {
      const double value = values[static_cast<size_t>(j * rows + i)];
      if (!std::isfinite(value)) {
        internal::refuse_data(name, absl::StrCat("fit: ", which, "[", i, ", ", j, "] is ", value));
      }
      matrix.column(j)[i] = value;
    }
  }
  return matrix;
}

// The mean of the first `rows` elements of each column, which is taken off them.
std::vector<double> take_means(Matrix& matrix, int64_t rows) {
  std::vector<double> means;
  for (int64_t j = 0; j < matrix.columns; ++j) {
    double* column = matrix.column(j);
    // From the first element on, so that equal elements have their value as their mean.
    double sum = 0;
    for (int64_t i = 0; i < rows; ++i) sum += column[i] - column[0];
    const double mean = column[0] + sum / static_cast<double>(rows);
    for (int64_t i = 0; i < rows; ++i) column[i] -= mean;
    means.push_back(mean);
  }
  return means;
}

}  // namespace

LinearRegression& LinearRegression::fit(const Tensor& x, const Tensor& y) {
  internal::check_training_data(name_, x, y);
  if (y.dim() > 2) {
    internal::refuse_data(
        name_, absl::StrCat("fit: y is ", y.shape().to_string(), "; expected (n) or (n, outputs)"));
  }
  NoGradGuard no_grad;
  const int64_t n = x.size(0), features = x.size(1);
  // |a w - b|^2 + alpha |w|^2 is |(a; sqrt(alpha) I) w - (b; 0)|^2.
  const int64_t extra_rows = alpha_ > 0 ? features : 0;
  Matrix a = to_matrix(name_, "x", x, extra_rows);
  Matrix b = to_matrix(name_, "y", y.reshape({n, -1}), extra_rows);
  std::vector<double> x_means, y_means;
  if (fit_intercept_) {
    x_means = take_means(a, n);
    y_means = take_means(b, n);
  }
  for (int64_t k = 0; k < extra_rows; ++k) a.column(k)[n + k] = std::sqrt(alpha_);
  const double eps = x.dtype() == kFloat64 ? std::numeric_limits<double>::epsilon()
                                           : std::numeric_limits<float>::epsilon();
  const internal::LeastSquaresSolution solution = internal::least_squares(
      std::move(a), std::move(b), static_cast<double>(std::max(n, features)) * eps);

  const int64_t outputs = solution.x.columns;
  std::vector<double> intercept(static_cast<size_t>(outputs));
  if (fit_intercept_) {
    for (int64_t j = 0; j < outputs; ++j) {
      double sum = y_means[static_cast<size_t>(j)];
      for (int64_t k = 0; k < features; ++k) {
        sum -= x_means[static_cast<size_t>(k)] * solution.x.column(j)[k];
      }
      intercept[static_cast<size_t>(j)] = sum;
    }
  }
  rank_ = solution.rank;
  const auto like_x = [&](const std::vector<double>& values, const Shape& shape) {
    return tensor<double>(values, shape).to(x.dtype()).to(x.device());
  };
  coef_ = like_x(solution.x.values, y.dim() == 1 ? Shape{features} : Shape{outputs, features});
  intercept_ = like_x(intercept, y.dim() == 1 ? Shape{} : Shape{outputs});
  return *this;
}

Tensor LinearRegression::predict(const Tensor& x) const {
  internal::check_data(name_, x, coef_);
  NoGradGuard no_grad;
  const Tensor y = x.matmul(coef_.dim() == 1 ? coef_ : coef_.t());
  return y + intercept_;
}

double LinearRegression::score(const Tensor& x, const Tensor& y) const {
  R2Score r2;
  r2.update(predict(x), y);
  return r2.compute();
}

Ridge::Ridge(const RidgeOptions& options)
    : LinearRegression("Ridge", options.alpha, options.fit_intercept) {
  if (!(options.alpha >= 0)) {
    internal::refuse_data("Ridge", absl::StrCat("alpha is ", options.alpha, ", negative"));
  }
}

}  // namespace tessera::nn
