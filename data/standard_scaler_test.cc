// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/standard_scaler.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data_loader.h"
#include "tessera/data/map_dataset.h"
#include "tessera/data/simple_imputer.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/data/transforms.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

using Doubles = std::vector<double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Tensor matrix(const Doubles& values, int64_t features, DType dtype = kFloat64) {
  Tensor x = empty({static_cast<int64_t>(values.size()) / features, features}, {.dtype = kFloat64});
  std::copy(values.begin(), values.end(), x.mutable_data<double>());
  return x.to(dtype);
}

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void expect_near(const Tensor& found, const Doubles& expected, double tolerance) {
  const Doubles values = found.to_vector<double>();
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(values[i])) << i;
    } else {
      EXPECT_NEAR(values[i], expected[i], tolerance) << i;
    }
  }
}

const Doubles kValues = {1, 2, 5.5, 3, kNaN, 5.5, -4, 7, 5.5, 0.5, -1, 5.5};
// Printed by scikit-learn 1.2.1: StandardScaler().fit_transform() of these values.
const Doubles kScaled = {0.34197238, -0.20203051, 0, 1.12362353, kNaN,       0,
                         -1.6121555, 1.31319831,  0, 0.14655959, -1.1111678, 0};

TEST(StandardScaler, IsScikitLearns) {
  StandardScaler scaler;
  const Tensor x = matrix(kValues, 3);
  expect_near(scaler.fit_transform(x), kScaled, 1e-8);
  expect_near(scaler.mean(), {0.125, 2.66666667, 5.5}, 1e-8);
  expect_near(scaler.scale(), {2.55868619, 3.29983165, 1}, 1e-8);
  expect_near(scaler.inverse_transform(scaler(x)), kValues, 1e-14);
}

TEST(StandardScaler, KeepsTheDtype) {
  StandardScaler scaler;
  const Tensor x = matrix(kValues, 3, kFloat32);
  const Tensor z = scaler.fit(x).transform(x);
  EXPECT_EQ(z.dtype(), kFloat32);
  expect_near(z, kScaled, 1e-6);
}

TEST(StandardScaler, AFeatureThatIsRoundingErrorsOnlyIsNotBlownUp) {
  StandardScaler scaler;
  scaler.fit(matrix(Doubles(10, 0.1), 1));
  EXPECT_EQ(scaler.scale().item<double>(), 1);
  scaler.fit(matrix({1e9, 1e9 + 1, 1e9 + 2}, 1));
  EXPECT_NEAR(scaler.scale().item<double>(), std::sqrt(2.0 / 3), 1e-9);
}

TEST(StandardScaler, IsATransformOfSamplesAndBatches) {
  StandardScaler scaler;
  const Tensor x = matrix({1, 10, 2, 30, 3, 20}, 2, kFloat32);
  scaler.fit(x);
  const MapDataset scaled(TensorDataset(x, zeros({3})), scaler);
  static_assert(BatchedDataset<decltype(scaled)>);
  const Tensor all = get_all(scaled).x;
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(scaled.get(i).x.to_vector<float>(), all[i].to_vector<float>());
  }
}

TEST(StandardScaler, IsRestoredFromItsStatistics) {
  StandardScaler scaler;
  const Tensor x = matrix(kValues, 3);
  scaler.fit(x);
  const StandardScaler restored(scaler.mean(), scaler.scale());
  expect_near(restored(x), kScaled, 1e-8);
}

TEST(StandardScaler, Misuse) {
  StandardScaler scaler;
  EXPECT_EQ(error_of([&] { scaler(zeros({2, 2})); }), "StandardScaler: fit() has not been called");
  EXPECT_EQ(error_of([&] { scaler.fit(zeros({3})); }),
            "StandardScaler::fit: expected (N, F) with N at least 1, got shape [3]");
  EXPECT_EQ(error_of([&] {
              scaler.fit(zeros({0, 3}));
            }),
            "StandardScaler::fit: expected (N, F) with N at least 1, got shape [0, 3]");
  EXPECT_EQ(error_of([&] {
              scaler.fit(zeros({2, 2}, {.dtype = kInt64}));
            }),
            "StandardScaler::fit: x is int64, expected a floating point dtype");
  EXPECT_EQ(error_of([&] {
              scaler.fit(matrix({1, kNaN, 2, kNaN}, 2));
            }),
            "StandardScaler::fit: feature 1 is NaN in all 2 rows");
  EXPECT_EQ(error_of([&] {
              scaler.fit(matrix({1, 2, HUGE_VAL, 3}, 2));
            }),
            "StandardScaler::fit: feature 0 is inf in row 1, expected finite values");
  scaler.fit(matrix({1, 2, 3, 4}, 2));
  EXPECT_EQ(error_of([&] {
              scaler(zeros({2, 3}));
            }),
            "StandardScaler: expected (..., F) with F = 2, got shape [2, 3]");
  EXPECT_EQ(error_of([&] { StandardScaler(zeros({2}), zeros({3})); }),
            "StandardScaler: mean has shape [2], scale [3]");
  EXPECT_EQ(error_of([&] { StandardScaler(zeros({2}), zeros({2})); }),
            "StandardScaler: scale 0 is not positive");
}

TEST(SimpleImputer, IsScikitLearns) {
  const Tensor x = matrix({1, 2, 3, kNaN, 3, 7, 1, 4, 10, 2}, 2);
  const auto statistics = [&](SimpleImputerOptions options) {
    return SimpleImputer(options).fit(x).statistics().to_vector<double>();
  };
  // Printed by scikit-learn 1.2.1: SimpleImputer(strategy=...).fit() of these values.
  EXPECT_EQ(statistics({.strategy = ImputeStrategy::kMean}), (Doubles{3.6, 3.75}));
  EXPECT_EQ(statistics({.strategy = ImputeStrategy::kMedian}), (Doubles{3, 3}));
  EXPECT_EQ(statistics({.strategy = ImputeStrategy::kMostFrequent}), (Doubles{1, 2}));
  EXPECT_EQ(statistics({.strategy = ImputeStrategy::kConstant, .fill_value = -7}),
            (Doubles{-7, -7}));
}

TEST(SimpleImputer, FillsTheGapsOfOtherTensors) {
  SimpleImputer imputer;
  imputer.fit(matrix({1, 2, 3, kNaN, 5, 7}, 2));
  const Tensor filled = imputer(matrix({kNaN, kNaN, 8, kNaN}, 2, kFloat32));
  EXPECT_EQ(filled.dtype(), kFloat32);
  EXPECT_EQ(filled.to_vector<double>(), (Doubles{3, 4.5, 8, 4.5}));
  EXPECT_EQ(SimpleImputer(imputer.statistics())(matrix({kNaN, 1}, 2)).to_vector<double>(),
            (Doubles{3, 1}));
}

TEST(SimpleImputer, GoesBeforeAScalerInACompose) {
  SimpleImputer imputer;
  StandardScaler scaler;
  const Tensor x = matrix({1, 2, 3, kNaN, 5, 7}, 2);
  scaler.fit(imputer.fit_transform(x));
  const Compose both(imputer, scaler);
  expect_near(both.batch(x), scaler(imputer(x)).to_vector<double>(), 0);
}

TEST(SimpleImputer, Misuse) {
  SimpleImputer imputer;
  EXPECT_EQ(error_of([&] { imputer(zeros({2, 2})); }), "SimpleImputer: fit() has not been called");
  EXPECT_EQ(error_of([&] { imputer.fit(matrix({kNaN}, 1)); }),
            "SimpleImputer::fit: feature 0 is NaN in all 1 rows");
  EXPECT_EQ(error_of([&] {
              SimpleImputer{zeros({2, 2})};
            }),
            "SimpleImputer: statistics has shape [2, 2], expected (F)");
}

}  // namespace
}  // namespace tessera::data
