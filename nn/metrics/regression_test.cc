// SPDX-License-Identifier: Apache-2.0
//
// tests/goldens holds the values.
#include "tessera/nn/metrics/regression.h"

#include <cmath>

#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

TEST(Regression, NothingSeenIsNan) {
  MeanSquaredError mse;
  R2Score r2;
  EXPECT_TRUE(std::isnan(mse.compute()));
  EXPECT_TRUE(std::isnan(MeanAbsoluteError().compute()));
  EXPECT_TRUE(std::isnan(r2.compute()));
  mse.update(zeros({0, 2}), zeros({0, 2}));
  r2.update(zeros({0, 2}), zeros({0, 2}));
  EXPECT_TRUE(std::isnan(mse.compute()));
  EXPECT_TRUE(std::isnan(r2.compute()));
  mse.update(zeros({3, 2}), ones({3, 2}));
  EXPECT_EQ(mse.compute(), 1);
  mse.reset();
  EXPECT_TRUE(std::isnan(mse.compute()));
}

TEST(Regression, TakesIntegersAndHalves) {
  MeanAbsoluteError mae;
  mae.update(classes({1, 2}), classes({3, 1}));
  mae.update(zeros({2}, {.dtype = kFloat16}), full({2}, 4096, {.dtype = kFloat16}));
  EXPECT_EQ(mae.compute(), (2 + 1 + 4096 * 2) / 4.0);
}

TEST(Regression, R2OfTargetsFarFromZeroInFloat32) {
  // Targets 1e5 + {0, 1}: their squares are 1e10, where float32 steps by 1024.
  R2Score r2;
  for (int i = 0; i < 50; ++i) {
    r2.update(tensor<float>({100000.25f, 100000.75f}), tensor<float>({100000.0f, 100001.0f}));
  }
  EXPECT_DOUBLE_EQ(r2.compute(), 1 - (2 * 0.0625) / 0.5);
  r2.merge(r2);
  EXPECT_DOUBLE_EQ(r2.compute(), 0.75);
}

TEST(Regression, RefusesWhatDoesNotFit) {
  MeanSquaredError mse;
  EXPECT_EQ(thrown_by([&] {
              mse.update(zeros({3, 2}), zeros({3}));
            }),
            "MeanSquaredError: predictions are [3, 2], targets [3]; expected (N) or (N, outputs), "
            "both the same");
  EXPECT_NE(thrown_by([&] { mse.update(zeros({3, 2, 1}), zeros({3, 2, 1})); }), "");
  mse.update(zeros({3, 2}), zeros({3, 2}));
  EXPECT_EQ(
      thrown_by([&] {
        mse.update(zeros({3, 4}), zeros({3, 4}));
      }),
      "MeanSquaredError: predictions are [3, 4], targets [3, 4]; before, there were 2 outputs");
  MeanSquaredError other;
  other.update(zeros({3}), zeros({3}));
  EXPECT_EQ(thrown_by([&] { mse.merge(other); }), "MeanSquaredError: merge: 2 outputs with 1");
  R2Score r2;
  EXPECT_NE(thrown_by([&] { r2.update(zeros({}), zeros({})); }), "");
}

}  // namespace
}  // namespace tessera::nn
