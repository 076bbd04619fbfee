// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/dropout.h"

#include <cmath>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional_dropout.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera::nn {
namespace {

// Whether every channel is dropped or kept as a whole, and both happen.
void expect_whole_channels(const Tensor& y, int64_t leading) {
  const Tensor kept = (y != 0).to(kFloat32).flatten(leading, -1);
  const Tensor part = kept.mean(-1);
  EXPECT_TRUE(((part == 0) | (part == 1)).all().item<bool>());
  EXPECT_GT(part.mean().item<float>(), 0.4f);
  EXPECT_LT(part.mean().item<float>(), 0.6f);
  EXPECT_EQ(y.amax().item<float>(), 2);
}

TEST(ChannelDropout, DropsWholeChannelsOfEveryExample) {
  manual_seed(1);
  Dropout1d one;
  Dropout2d two;
  Dropout3d three;
  expect_whole_channels(one(ones({40, 50, 3})), 2);
  expect_whole_channels(two(ones({40, 50, 3, 2})), 2);
  expect_whole_channels(three(ones({40, 50, 3, 2, 2})), 2);
  // Without a batch: (C, L), (N, C, L), (C, D, H, W).
  expect_whole_channels(one(ones({2000, 3})), 1);
  expect_whole_channels(two(ones({40, 50, 3})), 2);
  expect_whole_channels(three(ones({2000, 3, 2, 2})), 1);
}

TEST(ChannelDropout, DropsByItsProbability) {
  manual_seed(2);
  const Tensor y = functional::dropout2d(ones({100, 100, 2, 2}, {.dtype = kFloat64}), 0.2);
  // 10,000 channels: a deviation of 0.004.
  EXPECT_NEAR((y == 0).to(kFloat64).mean().item<double>(), 0.2, 0.02);
  EXPECT_NEAR(y.amax().item<double>(), 1.25, 1e-12);
}

TEST(ChannelDropout, RefusesOtherRanks) {
  EXPECT_THROW(Dropout1d()(ones({2})), Error);
  EXPECT_THROW(Dropout2d()(ones({2, 3})), Error);
  EXPECT_THROW(Dropout3d()(ones({2, 3, 4})), Error);
  EXPECT_THROW(FeatureAlphaDropout()(ones({2})), Error);
  EXPECT_THROW(Dropout2d(-0.1), Error);
}

TEST(DropoutFamily, DoesNothingInEvaluationAndEverythingAtOne) {
  const Tensor x = rand({3, 4, 5, 6}) + 1;
  auto check = [&]<class M>(M layer, M all) {
    layer.eval();
    EXPECT_TRUE(layer(x).is_same(x));
    EXPECT_EQ(all(x).abs().sum().template item<float>(), 0);
  };
  check(Dropout2d(), Dropout2d(1));
  check(Dropout3d(), Dropout3d(1));
  check(AlphaDropout(), AlphaDropout(1));
  check(FeatureAlphaDropout(), FeatureAlphaDropout(1));
  EXPECT_EQ(Dropout2d(0.25).to_string(), "Dropout2d(p=0.25)");
  EXPECT_EQ(AlphaDropout().to_string(), "AlphaDropout(p=0.5)");
}

TEST(AlphaDropoutTest, KeepsMeanAndVariance) {
  manual_seed(3);
  const Tensor x = randn({400, 1000}, {.dtype = kFloat64});
  for (double p : {0.1, 0.5, 0.8}) {
    AlphaDropout dropout(p);
    const Tensor y = dropout(x);
    EXPECT_NEAR(y.mean().item<double>(), 0, 0.01) << p;
    EXPECT_NEAR(y.std().item<double>(), 1, 0.01) << p;
    // What was dropped is one value: selu's lowest, scaled and moved.
    const double lowest = -1.7580993408473766;
    const double scale = 1 / std::sqrt((1 - p) * (1 + p * lowest * lowest));
    const Tensor dropped = isclose(y, scale * lowest * (1 - p), 0, 1e-12);
    EXPECT_NEAR(dropped.to(kFloat64).mean().item<double>(), p, 0.01);
  }
}

TEST(AlphaDropoutTest, DropsWholeChannels) {
  manual_seed(4);
  const Tensor y = functional::feature_alpha_dropout(zeros({30, 40, 5, 2}), 0.5);
  const Tensor spread = y.flatten(2, -1).amax({-1}) - y.flatten(2, -1).amin({-1});
  EXPECT_EQ(spread.amax().item<float>(), 0);
  EXPECT_LT(y.amin().item<float>(), 0);
  EXPECT_GT(y.amax().item<float>(), 0);
}

TEST(DropoutFamily, GradientIsThatOfWhatWasKept) {
  Tensor x = ones({50, 20, 3}, {.requires_grad = true});
  Tensor y = functional::dropout1d(x);
  y.sum().backward();
  EXPECT_TRUE(equal(x.grad(), y.detach()));
}

}  // namespace
}  // namespace tessera::nn
