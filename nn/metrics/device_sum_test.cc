// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/device_sum.h"

#include <cmath>
#include <limits>

#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn::internal {
namespace {

TEST(DeviceSum, KeepsWhatFloat32WouldRoundAway) {
  DeviceSum sum;
  EXPECT_TRUE(sum.values().empty());
  sum.add(tensor<float>({1e8f, 1.0f}));
  for (int i = 0; i < 100; ++i) sum.add(tensor<float>({1.0f, 1e-9f}));
  sum.add(tensor<float>({-1e8f, 0.0f}));
  EXPECT_EQ(sum.values()[0], 100);
  EXPECT_NEAR(sum.values()[1], 1 + 1e-7, 1e-12);  // 1e-9f is not 1e-9
}

TEST(DeviceSum, MergesSumsAndErrors) {
  DeviceSum a, b, nothing;
  a.add(tensor<float>({1e8f}));
  a.add(tensor<float>({1.0f}));
  b.add(tensor<float>({1e8f}));
  b.add(tensor<float>({3.0f}));
  a.merge(b);
  a.merge(nothing);
  EXPECT_EQ(a.values()[0], 2e8 + 4);
  nothing.merge(a);
  EXPECT_EQ(nothing.values()[0], 2e8 + 4);
  a.merge(a);
  EXPECT_EQ(a.values()[0], 4e8 + 8);
}

TEST(DeviceSum, InfinitiesAndNan) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  DeviceSum sum;
  sum.add(tensor<float>({kInf, kInf, 3e38f}));
  sum.add(tensor<float>({1, -kInf, 3e38f}));
  sum.add(tensor<float>({1, 1, 1}));
  EXPECT_EQ(sum.values()[0], kInf);
  EXPECT_TRUE(std::isnan(sum.values()[1]));
  EXPECT_EQ(sum.values()[2], kInf);
}

}  // namespace
}  // namespace tessera::nn::internal
