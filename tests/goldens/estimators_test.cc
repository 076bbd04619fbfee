// SPDX-License-Identifier: Apache-2.0
//
// Estimators against scikit-learn: coefficients, predictions and scores of every option.
#include "tessera/nn/estimators/estimators.h"

#include "gtest/gtest.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

nn::LogisticRegressionOptions logistic_options(const GoldenCase& golden) {
  nn::LogisticRegressionOptions options = {
      .penalty = golden.text("penalty") == "none" ? nn::Penalty::kNone : nn::Penalty::kL2,
      .C = golden.number("C", 1),
      .tol = 1e-9,
      .max_iter = 2000,
      .fit_intercept = golden.flag("fit_intercept", true)};
  if (golden.flag("balanced")) options.class_weight = nn::ClassWeight::balanced();
  double label = 0;
  bool is_label = true;
  for (const std::string& part : golden.texts("class_weight")) {
    if (is_label) {
      label = std::stod(part);
    } else {
      options.class_weight.weights[static_cast<int64_t>(label)] = std::stod(part);
    }
    is_label = !is_label;
  }
  return options;
}

TEST(EstimatorGoldens, LogisticRegression) {
  for (const GoldenCase& golden : load_goldens("estimators", "logistic/")) {
    SCOPED_TRACE(golden.name);
    const Tensor &x = golden.tensor("x"), &y = golden.tensor("y");
    nn::LogisticRegression model(logistic_options(golden));
    model.fit(x, y);
    EXPECT_TRUE(model.converged());
    EXPECT_EQ(model.classes(), golden.tensor("classes").to_vector<int64_t>());
    // L-BFGS ends where the gradient is below 1e-9 or the objective moves by less than 1.4e-14.
    // Where it is flattest (no penalty) parameters then have some 1e-6 to go.
    const double tolerance = 1e-5;
    expect_close(model.coef(), golden.tensor("coef"), tolerance);
    expect_close(model.intercept(), golden.tensor("intercept"), tolerance);
    expect_close(model.decision_function(x), golden.tensor("decision"), 10 * tolerance);
    expect_close(model.predict_proba(x), golden.tensor("proba"), tolerance);
    expect_close(model.predict_log_proba(x), golden.tensor("log_proba"), 10 * tolerance);
    EXPECT_EQ(model.predict(x).to_vector<int64_t>(),
              golden.tensor("prediction").to_vector<int64_t>());
    EXPECT_DOUBLE_EQ(model.score(x, y), golden.tensor("score").item<double>());

    // float32: the objective is known to 1e-7, so parameters to some 1e-3 where it is flat.
    nn::LogisticRegressionOptions options = logistic_options(golden);
    options.tol = 1e-5;
    nn::LogisticRegression in_float32(options);
    in_float32.fit(x.to(kFloat32), y);
    expect_close(in_float32.predict_proba(x.to(kFloat32)), golden.tensor("proba"), 2e-3);
  }
}

void check_linear(const GoldenCase& golden, nn::LinearRegression model, bool has_rank) {
  SCOPED_TRACE(golden.name);
  const Tensor &x = golden.tensor("x"), &y = golden.tensor("y");
  model.fit(x, y);
  // Condition up to 1e3, on features up to 1e2.
  const double tolerance = 1e-10;
  expect_close(model.coef(), golden.tensor("coef"), tolerance);
  expect_close(model.intercept(), golden.tensor("intercept"), tolerance);
  expect_close(model.predict(x), golden.tensor("prediction"), tolerance);
  EXPECT_NEAR(model.score(x, y), golden.tensor("score").item<double>(), tolerance);
  if (has_rank) {
    EXPECT_EQ(model.rank(), golden.integer("rank", -1));
  }
  model.fit(x.to(kFloat32), y.to(kFloat32));
  // x and y are rounded to float32 (6e-8 of 100), the condition does the rest.
  expect_close(model.predict(x.to(kFloat32)), golden.tensor("prediction"), 1e-4);
}

TEST(EstimatorGoldens, LinearRegression) {
  for (const GoldenCase& golden : load_goldens("estimators", "linear/")) {
    check_linear(golden,
                 nn::LinearRegression({.fit_intercept = golden.flag("fit_intercept", true)}), true);
  }
}

TEST(EstimatorGoldens, Ridge) {
  for (const GoldenCase& golden : load_goldens("estimators", "ridge/")) {
    check_linear(golden,
                 nn::Ridge({.alpha = golden.number("alpha", 1),
                            .fit_intercept = golden.flag("fit_intercept", true)}),
                 false);
  }
}

}  // namespace
}  // namespace tessera::goldens
