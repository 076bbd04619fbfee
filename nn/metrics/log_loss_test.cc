// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/log_loss.h"

#include <cmath>

#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

TEST(LogLoss, OfHalvesIsLogTwo) {
  LogLoss loss;
  EXPECT_TRUE(std::isnan(loss.compute()));
  loss.update(full({3}, 0.5), classes({0, 1, 0}));
  loss.update(full({3, 1}, 0.5), classes({0, 1, 0}).unsqueeze(1));
  loss.update(full({2, 2}, 0.5, {.dtype = kBFloat16}), classes({0, 1}));
  loss.update(zeros({0, 2}), classes({}));
  EXPECT_NEAR(loss.compute(), std::log(2.0), 1e-7);
  EXPECT_EQ(loss.count(), 8);
  loss.reset();
  EXPECT_TRUE(std::isnan(loss.compute()));
}

TEST(LogLoss, RefusesWhatDoesNotFit) {
  LogLoss loss;
  EXPECT_EQ(
      thrown_by([&] {
        loss.update(zeros({3, 2}), classes({1, 1}));
      }),
      "LogLoss: predictions are float32 [3, 2], targets int64 [2]; expected probabilities (N) "
      "or (N, C), and classes (N)");
  EXPECT_NE(thrown_by([&] { loss.update(zeros({2}), zeros({2})); }), "");
  EXPECT_NE(thrown_by([&] { loss.update(classes({1}), classes({1})); }), "");
  EXPECT_EQ(loss.count(), 0);
}

TEST(LogLoss, RefusesClassesThatAreNone) {
  for (const int64_t wrong : {-1, 3}) {
    LogLoss loss;
    EXPECT_NE(thrown_by([&] {
                loss.update(ones({2, 3}), classes({1, wrong}));
                loss.compute();  // where a device that works on its own says so
              }),
              "");
  }
}

}  // namespace
}  // namespace tessera::nn
