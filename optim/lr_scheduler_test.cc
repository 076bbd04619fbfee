// SPDX-License-Identifier: Apache-2.0
//
// Rates are compared with PyTorch's in tests/goldens.
#include "tessera/optim/lr_scheduler.h"

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::optim {
namespace {

TEST(LRScheduler, SeveralMultiply) {
  SGD optimizer({zeros({1})}, {.lr = 1});
  ExponentialLR decay(optimizer, 0.5);
  StepLR drop(optimizer, {.step_size = 2, .gamma = 0.1});
  for (int i = 0; i < 2; ++i) {
    decay.step();
    drop.step();
  }
  EXPECT_DOUBLE_EQ(optimizer.lr(), 0.025);
}

TEST(LRScheduler, ResumesFromItsState) {
  SGD optimizer({zeros({1})}, {.lr = 1}), other({zeros({1})}, {.lr = 1});
  CosineAnnealingLR scheduler(optimizer, {.T_max = 7}), resumed(other, {.T_max = 7});
  for (int i = 0; i < 3; ++i) scheduler.step();
  ASSERT_TRUE(resumed.load_state_dict(scheduler.state_dict()).ok());
  EXPECT_EQ(resumed.last_epoch(), 3);
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(other.lr(), optimizer.lr());
    scheduler.step();
    resumed.step();
  }
  EXPECT_EQ(resumed.load_state_dict({}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(LRScheduler, WorksOnLbfgs) {
  Tensor x = zeros({1}, {.requires_grad = true});
  LBFGS optimizer({x}, {.lr = 1});
  ExponentialLR scheduler(optimizer, 0.5);
  scheduler.step();
  EXPECT_EQ(optimizer.lr(), 0.5);
}

TEST(LRScheduler, RefusesBadOptions) {
  SGD optimizer({zeros({1})}, {.lr = 1});
  EXPECT_THROW(StepLR(optimizer, {}), Error);
  EXPECT_THROW(CosineAnnealingLR(optimizer, {}), Error);
  EXPECT_THROW(LinearLR(optimizer, {.start_factor = 0}), Error);
  EXPECT_THROW(LinearLR(optimizer, {.end_factor = 2}), Error);
  EXPECT_THROW(LinearLR(optimizer, {.total_iters = 0}), Error);
  EXPECT_EQ(optimizer.lr(), 1);
}

}  // namespace
}  // namespace tessera::optim
