// SPDX-License-Identifier: Apache-2.0
//
// Models that are fitted in one call, as scikit-learn's: fit, predict, score.
//
//   nn::LogisticRegression model({.C = 0.5, .max_iter = 200});
//   model.fit(x, y);
//   std::cout << model.score(test_x, test_y);
//
// They compute where their data is. An estimator may be used by several threads once it is fitted.
#ifndef TESSERA_NN_ESTIMATORS_ESTIMATORS_H_
#define TESSERA_NN_ESTIMATORS_ESTIMATORS_H_

#include "tessera/nn/estimators/linear_regression.h"    // IWYU pragma: export
#include "tessera/nn/estimators/logistic_regression.h"  // IWYU pragma: export

#endif  // TESSERA_NN_ESTIMATORS_ESTIMATORS_H_
