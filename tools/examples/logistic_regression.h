// SPDX-License-Identifier: Apache-2.0
//
// Multinomial logistic regression, as scikit-learn's LogisticRegression fits it.
//
//   nn::Linear model = fit_logistic_regression(x, y, 10, {.max_iter = 200});
//   Tensor digits = model(test_x).argmax(1);
#ifndef TESSERA_TOOLS_EXAMPLES_LOGISTIC_REGRESSION_H_
#define TESSERA_TOOLS_EXAMPLES_LOGISTIC_REGRESSION_H_

#include <cstdint>

#include "tessera/nn/linear.h"
#include "tessera/tensor/tensor.h"

namespace tessera::examples {

struct LogisticRegressionOptions {
  double C = 1;            // the smaller, the stronger the l2 penalty; the intercept has none
  double tol = 1e-4;       // on the largest element of the mean loss's gradient
  int64_t max_iter = 100;  // of L-BFGS
};

// Minimises mean cross entropy + |w|^2 / (2 C n) from zero.
//   shape:  x (n, features) floating point, y (n) int64 in [0, classes)
nn::Linear fit_logistic_regression(const Tensor& x, const Tensor& y, int64_t classes,
                                   const LogisticRegressionOptions& options = {});

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_LOGISTIC_REGRESSION_H_
