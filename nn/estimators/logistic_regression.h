// SPDX-License-Identifier: Apache-2.0
//
// LogisticRegression: binary and multinomial, as sklearn.linear_model.LogisticRegression fits it.
//
//   nn::LogisticRegression model({.class_weight = nn::ClassWeight::balanced()});
//   model.fit(x, y);
//   Tensor p = model.predict_proba(test_x);  // (n, classes)
#ifndef TESSERA_NN_ESTIMATORS_LOGISTIC_REGRESSION_H_
#define TESSERA_NN_ESTIMATORS_LOGISTIC_REGRESSION_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <utility>
#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera::nn {

enum class Penalty { kL2, kNone };

// How much a sample counts, by its class: 1 for classes that are not named.
//   .class_weight = {{0, 1.0}, {1, 5.0}}
struct ClassWeight {
  ClassWeight() = default;
  ClassWeight(std::initializer_list<std::pair<const int64_t, double>> weights) : weights(weights) {}
  // n / (classes x samples of the class)
  static ClassWeight balanced() {
    ClassWeight weight;
    weight.is_balanced = true;
    return weight;
  }

  bool is_balanced = false;
  std::map<int64_t, double> weights;  // by class label
};

struct LogisticRegressionOptions {
  Penalty penalty = Penalty::kL2;
  double C = 1;            // the smaller, the stronger the penalty; the intercept has none
  double tol = 1e-4;       // on the largest element of the objective's gradient
  int64_t max_iter = 100;  // of L-BFGS
  bool fit_intercept = true;
  ClassWeight class_weight = {};
};

// Minimises, from zero, with s_i the weight of sample i's class and S their sum,
//   sum_i s_i loss_i / S + |coef|^2 / (2 C S)
// where the loss is log(1 + exp(-z)) of two classes, and the cross entropy of softmax of more.
// Without a penalty the last term is left out.
//   source: L-BFGS with strong Wolfe conditions, optim/lbfgs.h
class LogisticRegression {
 public:
  //   errors: throws kInvalidArgument if C is not positive, tol or max_iter negative, a class
  //   weight
  //           not positive
  explicit LogisticRegression(const LogisticRegressionOptions& options = {});

  //   shape:  x (n, features), y (n)
  //   dtype:  x float32 or float64, in which everything is computed; y integers or bool
  //   errors: throws kInvalidArgument for others, for elements of x that are not finite, for y of
  //           fewer than two classes, for a class weight of a class that is not in y
  // What was fitted before is forgotten. Waits for the device.
  LogisticRegression& fit(const Tensor& x, const Tensor& y);

  //   shape:  x (n, features) -> (n) for two classes, else (n, classes)
  //   errors: these four throw kInvalidArgument for an x that is not like fit()'s;
  //           kFailedPrecondition before fit()
  Tensor decision_function(const Tensor& x) const;
  Tensor predict_proba(const Tensor& x) const;      // (n, classes), in the order of classes()
  Tensor predict_log_proba(const Tensor& x) const;  // its logarithm
  Tensor predict(const Tensor& x) const;            // (n) int64, labels
  // The part of x whose prediction is y. Waits for the device.
  double score(const Tensor& x, const Tensor& y) const;

  // After fit(); one row, of the greater label, for two classes.
  const Tensor& coef() const { return coef_; }            // (1 or classes, features)
  const Tensor& intercept() const { return intercept_; }  // (1 or classes); zeros if not fitted
  const std::vector<int64_t>& classes() const { return classes_; }  // labels of y, ascending
  int64_t n_iter() const { return n_iter_; }
  // Whether fit() ended by tol, or because the objective stood still, before max_iter.
  bool converged() const { return converged_; }

 private:
  LogisticRegressionOptions options_;
  Tensor coef_, intercept_;
  std::vector<int64_t> classes_;
  int64_t n_iter_ = 0;
  bool converged_ = false;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_ESTIMATORS_LOGISTIC_REGRESSION_H_
