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

double decay_of_half(int64_t epoch) { return epoch == 0 ? 1 : 0.5; }

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

TEST(LRScheduler, KeepsTheRateOfTheFirstSchedule) {
  SGD optimizer({zeros({1})}, {.lr = 1});
  LinearLR warmup(optimizer, {.start_factor = 0.25});
  EXPECT_EQ(optimizer.lr(), 0.25);
  LambdaLR later(optimizer, [](int64_t) { return 0.5; });
  EXPECT_EQ(optimizer.lr(), 0.5);  // of 1, not of 0.25
  EXPECT_EQ(optimizer.initial_lr(), 1);
  SGD other({zeros({1})}, {.lr = 3});
  ASSERT_TRUE(other.load_state_dict(optimizer.state_dict()).ok());
  EXPECT_EQ(other.initial_lr(), 1);
  EXPECT_EQ(other.lr(), 0.5);
}

TEST(LRScheduler, LambdasPerGroup) {
  SGD optimizer({{.params = {zeros({1})}, .options = {.lr = 1}},
                 {.params = {zeros({1})}, .options = {.lr = 2}}});
  LambdaLR schedule(optimizer, {[](int64_t) { return 0.5; }, [](int64_t) { return 0.25; }});
  EXPECT_EQ(schedule.get_last_lr(), (std::vector<double>{0.5, 0.5}));
  std::vector<EpochFunction> three(3, [](int64_t) { return 1.0; });
  EXPECT_THROW(LambdaLR(optimizer, three), Error);
  EXPECT_THROW(MultiplicativeLR(optimizer, EpochFunction()), Error);
}

TEST(LRScheduler, LastEpochWantsInitialRates) {
  SGD optimizer({zeros({1})}, {.lr = 1});
  try {
    StepLR schedule(optimizer, {.step_size = 2}, 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.status().message(),
              "StepLR: param 'initial_lr' is not specified in param_groups[0], which last_epoch 3 "
              "wants: load the optimizer's state first");
  }
  EXPECT_THROW(OneCycleLR(optimizer, {.max_lr = 1, .total_steps = 5}, 0), Error);
  EXPECT_THROW(CyclicLR(optimizer, {.base_lr = 0.1, .max_lr = 1}, 0), Error);
  EXPECT_THROW(LambdaLR(optimizer, decay_of_half, 0), Error);
  EXPECT_THROW(ExponentialLR(optimizer, 0.5, -2), Error);
  EXPECT_EQ(optimizer.lr(), 1);
  EXPECT_FALSE(optimizer.has_initial_lr());
  optimizer.set_initial_lr(0.5);
  StepLR schedule(optimizer, {.step_size = 2}, 3);
  EXPECT_EQ(schedule.last_epoch(), 4);
}

// Periods of 2, 4, 8, ...: epoch 9 is the third of the third.
TEST(LRScheduler, WarmRestartsResumeInTheirPeriod) {
  SGD optimizer({zeros({1})}, {.lr = 1}), other({zeros({1})}, {.lr = 1});
  CosineAnnealingWarmRestarts whole(optimizer, {.T_0 = 2, .T_mult = 2});
  for (int i = 0; i < 9; ++i) whole.step();
  other.set_initial_lr(1);
  CosineAnnealingWarmRestarts resumed(other, {.T_0 = 2, .T_mult = 2}, 8);
  for (int i = 0; i < 9; ++i) {
    EXPECT_NEAR(other.lr(), optimizer.lr(), 1e-12) << i;
    whole.step();
    resumed.step();
  }
}

TEST(LRScheduler, OneCycleEnds) {
  SGD optimizer({zeros({1})}, {.lr = 1});
  OneCycleLR schedule(optimizer, {.max_lr = 1, .total_steps = 5});
  for (int i = 0; i < 5; ++i) schedule.step();
  EXPECT_THROW(schedule.step(), Error);
  EXPECT_EQ(schedule.last_epoch(), 5);
}

TEST(LRScheduler, LoadsOptionsAndLeavesItselfAloneOnErrors) {
  SGD optimizer({zeros({1})}, {.lr = 1}), other({zeros({1})}, {.lr = 1});
  StepLR schedule(optimizer, {.step_size = 2, .gamma = 0.5}), loaded(other, {.step_size = 7});
  schedule.step();
  ASSERT_TRUE(loaded.load_state_dict(schedule.state_dict()).ok());
  EXPECT_EQ(loaded.options().step_size, 2);
  StateDict bad = schedule.state_dict();
  bad.set("step_size", tensor<int64_t>({0}, Shape{}));
  EXPECT_EQ(loaded.load_state_dict(bad).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(loaded.options().step_size, 2);
  bad = schedule.state_dict();
  bad.set("_last_lr", zeros({2}));
  EXPECT_EQ(loaded.load_state_dict(bad).code(), absl::StatusCode::kInvalidArgument);

  ExponentialLR first(optimizer, 0.5), second(optimizer, 0.1);
  SequentialLR both(optimizer, {&first, &second}, {3});
  both.step();
  bad = both.state_dict();
  bad.set("_schedulers.1.gamma", zeros({3}));
  bad.set("_schedulers.0.last_epoch", tensor<int64_t>({9}, Shape{}));
  EXPECT_EQ(both.load_state_dict(bad).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(first.last_epoch(), 1);
}

TEST(LRScheduler, RefusesBadOptions) {
  SGD optimizer({zeros({1})}, {.lr = 1}), other({zeros({1})}, {.lr = 1});
  EXPECT_THROW(StepLR(optimizer, {}), Error);
  EXPECT_THROW(CosineAnnealingLR(optimizer, {}), Error);
  EXPECT_THROW(CosineAnnealingWarmRestarts(optimizer, {.T_0 = 0}), Error);
  EXPECT_THROW(CosineAnnealingWarmRestarts(optimizer, {.T_0 = 2, .T_mult = 0}), Error);
  EXPECT_THROW(ConstantLR(optimizer, {.factor = 2}), Error);
  EXPECT_THROW(LinearLR(optimizer, {.start_factor = 0}), Error);
  EXPECT_THROW(LinearLR(optimizer, {.end_factor = 2}), Error);
  EXPECT_THROW(LinearLR(optimizer, {.total_iters = 0}), Error);
  EXPECT_THROW(PolynomialLR(optimizer, {.total_iters = 0}), Error);
  EXPECT_THROW(CyclicLR(optimizer, {.base_lr = 0.1}), Error);
  EXPECT_THROW(CyclicLR(optimizer, {.base_lr = 0.1, .max_lr = {1, 2}}), Error);
  EXPECT_THROW(CyclicLR(optimizer, {.base_lr = 0.1, .max_lr = 1, .step_size_up = 0}), Error);
  EXPECT_THROW(OneCycleLR(optimizer, {.max_lr = 1}), Error);
  EXPECT_THROW(OneCycleLR(optimizer, {.max_lr = 1, .total_steps = 5, .pct_start = 2}), Error);
  EXPECT_THROW(OneCycleLR(optimizer, {.max_lr = 1, .total_steps = 10, .pct_start = 0.1}), Error);
  EXPECT_THROW(ReduceLROnPlateau(optimizer, {.factor = 1}), Error);
  EXPECT_THROW(ReduceLROnPlateau(optimizer, {.min_lr = {1, 2}}), Error);
  EXPECT_EQ(optimizer.lr(), 1);

  Adagrad no_momentum({zeros({1})});
  EXPECT_THROW(OneCycleLR(no_momentum, {.max_lr = 1, .total_steps = 5}), Error);
  StepLR mine(optimizer, {.step_size = 1}), foreign(other, {.step_size = 1});
  EXPECT_THROW(ChainedScheduler({}), Error);
  EXPECT_THROW(ChainedScheduler({&mine, nullptr}), Error);
  EXPECT_THROW(ChainedScheduler({&mine, &foreign}), Error);
  EXPECT_THROW(SequentialLR(optimizer, {&mine}, {3}), Error);
}

}  // namespace
}  // namespace tessera::optim
