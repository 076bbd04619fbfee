// SPDX-License-Identifier: Apache-2.0
//
// Errors, labels and devices; tests/goldens compares fits with scikit-learn's.
#include "tessera/nn/estimators/estimators.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {
namespace {

template <class F>
std::string thrown_by(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const Tensor& line() {
  static const Tensor* const x = new Tensor(tensor<float>({0, 1, 2, 3, 4, 5}, {6, 1}));
  return *x;
}

TEST(LogisticRegression, KeepsTheLabelsOfItsTargets) {
  LogisticRegression two;
  two.fit(line(), tensor<int64_t>({7, 7, 7, -3, -3, -3}));
  EXPECT_EQ(two.classes(), std::vector<int64_t>({-3, 7}));
  EXPECT_EQ(two.predict(line()).to_vector<int64_t>(), std::vector<int64_t>({7, 7, 7, -3, -3, -3}));
  EXPECT_LT(two.coef().item<float>(), 0);
  EXPECT_TRUE(two.converged());
  EXPECT_GT(two.n_iter(), 1);
  EXPECT_EQ(two.score(line(), tensor<int64_t>({7, 7, -3, -3, -3, -3})), 5 / 6.0);

  LogisticRegression three({.C = 100});
  three.fit(line(), tensor<int64_t>({5, 5, 9, 9, 2, 2}));
  EXPECT_EQ(three.classes(), std::vector<int64_t>({2, 5, 9}));
  EXPECT_EQ(three.coef().shape(), (Shape{3, 1}));
  EXPECT_EQ(three.predict(line()).to_vector<int64_t>(), std::vector<int64_t>({5, 5, 9, 9, 2, 2}));
  const Tensor p = three.predict_proba(line());
  for (double sum : p.sum(1).to_vector<double>()) EXPECT_NEAR(sum, 1, 1e-6);
  EXPECT_FALSE(three.coef().requires_grad());
}

TEST(LogisticRegression, TakesBoolTargetsAndForgetsTheLastFit) {
  LogisticRegression model;
  model.fit(line(), line().flatten() > 2);
  EXPECT_EQ(model.score(line(), line().flatten() > 2), 1);
  const float first = model.coef().item<float>();
  model.fit(line(), tensor<int64_t>({0, 1, 2, 0, 1, 2}));
  model.fit(line(), line().flatten() > 2);
  EXPECT_EQ(model.coef().item<float>(), first);
}

TEST(LogisticRegression, StopsAtMaxIter) {
  LogisticRegression model({.tol = 0, .max_iter = 3});
  model.fit(line(), line().flatten() > 2);
  EXPECT_EQ(model.n_iter(), 3);
  EXPECT_FALSE(model.converged());
}

TEST(LogisticRegression, WithoutInterceptItIsZero) {
  LogisticRegression model({.fit_intercept = false});
  model.fit(line(), line().flatten() > 2);
  EXPECT_EQ(model.intercept().to_vector<double>(), std::vector<double>({0}));
  EXPECT_EQ(model.decision_function(zeros({1, 1})).item<float>(), 0);
}

TEST(LogisticRegression, ProbabilitiesKeepTheirDigitsAtTheEnds) {
  LogisticRegression model;
  model.fit(line(), line().flatten() > 2);
  const Tensor far = tensor<float>({1e4f}, {1, 1});
  EXPECT_GT(model.predict_log_proba(far)[0].to_vector<double>()[0], -1e6);
  EXPECT_LT(model.predict_log_proba(far)[0].to_vector<double>()[0], -1e3);
  EXPECT_EQ(model.predict_proba(far)[0].to_vector<double>()[1], 1);
}

TEST(LogisticRegression, RefusesWhatDoesNotFit) {
  LogisticRegression model;
  const Tensor y = tensor<int64_t>({0, 1, 0, 1, 0, 1});
  EXPECT_EQ(thrown_by([&] { model.predict(line()); }), "LogisticRegression: fit() was not called");
  EXPECT_EQ(thrown_by([&] { model.fit(line(), zeros_like(y)); }),
            "LogisticRegression: fit: all targets are 0; expected at least two classes");
  EXPECT_EQ(
      thrown_by([&] { model.fit(line(), y.narrow(0, 0, 5)); }),
      "LogisticRegression: fit: x is float32 [6, 1], y int64 [5]; expected float32 or float64 "
      "(n, features), and n rows");
  EXPECT_NE(thrown_by([&] { model.fit(line().to(kInt64), y); }), "");
  EXPECT_NE(thrown_by([&] { model.fit(line().flatten(), y); }), "");
  EXPECT_NE(thrown_by([&] { model.fit(zeros({0, 3}), tensor<int64_t>({})); }), "");
  EXPECT_EQ(thrown_by([&] { model.fit(line(), y.to(kFloat32)); }),
            "LogisticRegression: fit: y is float32 [6]; expected integers (n)");
  EXPECT_EQ(thrown_by([&] { model.fit(line() / 0, y); }),
            "LogisticRegression: fit: x has elements that are not finite");
  EXPECT_EQ(thrown_by([&] {
              LogisticRegression({.class_weight = {{3, 1.0}}}).fit(line(), y);
            }),
            "LogisticRegression: fit: class 3 has a weight and no samples");
  EXPECT_NE(thrown_by([] { LogisticRegression({.C = 0}); }), "");
  EXPECT_NE(thrown_by([] { LogisticRegression({.C = NAN}); }), "");
  EXPECT_NE(thrown_by([] { LogisticRegression({.tol = -1}); }), "");
  EXPECT_NE(thrown_by([] { LogisticRegression({.max_iter = -1}); }), "");
  EXPECT_NE(thrown_by([] { LogisticRegression({.class_weight = {{0, -1.0}}}); }), "");
  model.fit(line(), y);
  EXPECT_EQ(
      thrown_by([&] {
        model.predict(zeros({2, 3}));
      }),
      "LogisticRegression: x is float32 [2, 3], the model was fitted to float32 of 1 features");
  EXPECT_NE(thrown_by([&] { model.predict(line().to(kFloat64)); }), "");
}

TEST(LinearRegression, FitsALine) {
  LinearRegression model;
  model.fit(line(), line().flatten() * 2 - 1);
  EXPECT_NEAR(model.coef().item<float>(), 2, 1e-6);
  EXPECT_NEAR(model.intercept().item<float>(), -1, 1e-6);
  EXPECT_EQ(model.rank(), 1);
  EXPECT_NEAR(model.score(line(), line().flatten() * 2 - 1), 1, 1e-12);
  EXPECT_EQ(model.predict(line()).shape(), (Shape{6}));
  EXPECT_NEAR(model.predict(tensor<float>({10}, {1, 1})).item<float>(), 19, 1e-5);
}

TEST(LinearRegression, ConstantFeaturesGetNothing) {
  LinearRegression model;
  model.fit(full({5, 2}, 0.1), tensor<int64_t>({1, 2, 3, 4, 5}));
  EXPECT_EQ(model.rank(), 0);
  EXPECT_EQ(model.coef().to_vector<double>(), std::vector<double>({0, 0}));
  EXPECT_EQ(model.intercept().item<float>(), 3);
}

TEST(LinearRegression, RefusesWhatDoesNotFit) {
  LinearRegression model;
  EXPECT_EQ(thrown_by([&] { model.predict(line()); }), "LinearRegression: fit() was not called");
  EXPECT_EQ(thrown_by([&] { model.fit(line(), line() / 0); }),
            "LinearRegression: fit: y[0, 0] is nan");
  EXPECT_NE(thrown_by([&] { model.fit(line(), zeros({5})); }), "");
  EXPECT_NE(thrown_by([&] { model.fit(line(), zeros({6, 1, 1})); }), "");
  model.fit(line(), line());
  EXPECT_EQ(thrown_by([&] {
              model.predict(zeros({2, 3}));
            }),
            "LinearRegression: x is float32 [2, 3], the model was fitted to float32 of 1 features");
  EXPECT_EQ(thrown_by([] { Ridge({.alpha = -1}); }), "Ridge: alpha is -1, negative");
}

}  // namespace
}  // namespace tessera::nn
