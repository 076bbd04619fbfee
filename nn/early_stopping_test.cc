// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/early_stopping.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/linear.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {
namespace {

void fill(Linear& model, double value) {
  NoGradGuard no_grad;
  model.weight.fill_(value);
}

TEST(EarlyStopping, StopsAfterPatienceAndRestoresTheBest) {
  Linear model(1, 1);
  EarlyStopping stopping({.patience = 2});
  const double losses[] = {3, 2, 2, 1, 1.5, 1.25, 0.5};
  int seen = 0;
  while (!stopping.should_stop()) {
    fill(model, seen);
    const bool better = stopping.update(losses[seen], model);
    EXPECT_EQ(better, seen == 0 || seen == 1 || seen == 3) << seen;
    ++seen;
  }
  EXPECT_EQ(seen, 6);
  EXPECT_EQ(stopping.best(), 1);
  EXPECT_EQ(stopping.best_update(), 4);
  EXPECT_EQ(stopping.updates(), 6);
  stopping.restore_best(model);
  EXPECT_EQ(model.weight.item<float>(), 3);
}

TEST(EarlyStopping, MinDeltaAndNan) {
  Linear model(1, 1);
  EarlyStopping stopping({.patience = 3, .min_delta = 0.5});
  EXPECT_FALSE(stopping.update(std::nan(""), model));
  EXPECT_EQ(stopping.best(), std::numeric_limits<double>::infinity());
  fill(model, 7);
  stopping.restore_best(model);
  EXPECT_EQ(model.weight.item<float>(), 7);
  EXPECT_TRUE(stopping.update(1, model));
  EXPECT_FALSE(stopping.update(0.5, model));
  EXPECT_TRUE(stopping.update(0.25, model));
  EXPECT_FALSE(stopping.should_stop());
}

TEST(EarlyStopping, RefusesOptionsOutOfRange) {
  EXPECT_THROW(EarlyStopping({.patience = 0}), Error);
  EXPECT_THROW(EarlyStopping({.min_delta = -1}), Error);
  EXPECT_THROW(EarlyStopping({.min_delta = std::nan("")}), Error);
}

}  // namespace
}  // namespace tessera::nn
