// SPDX-License-Identifier: Apache-2.0
//
// Schedules made of schedules: ChainedScheduler at once, SequentialLR one after another.
#ifndef TESSERA_OPTIM_COMPOSED_LR_H_
#define TESSERA_OPTIM_COMPOSED_LR_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "tessera/optim/schedule.h"

namespace tessera::optim {

// Schedules of one optimizer, which are not owned and must outlive this.
//   errors: throws kInvalidArgument for no schedule, nullptr, and schedules of other optimizers
class ComposedScheduler : public LRScheduler {
 public:
  // Adds the state of each schedule: "_schedulers.0.last_epoch".
  StateDict state_dict() const override;
  absl::Status load_state_dict(const StateDict& state) override;

 protected:
  ComposedScheduler(std::string_view name, Optimizer& optimizer,
                    std::vector<LRScheduler*> schedulers, int64_t last_epoch = -1);

  // Never asked: the schedules set the rates.
  double next_lr(size_t group, double lr, double base) const override;

  static void begin(LRScheduler& schedule) { schedule.start(); }
  static void begin_again(LRScheduler& schedule) { schedule.restart(); }
  void reset_rates();  // to initial_lr()

  std::vector<LRScheduler*> schedulers_;
};

// Steps all schedules, in this order, so that those that go from the present rates multiply.
//
//   optim::ConstantLR warmup(optimizer, {.factor = 0.1, .total_iters = 2});
//   optim::ExponentialLR decay(optimizer, 0.9);
//   optim::ChainedScheduler scheduler({&warmup, &decay});
class ChainedScheduler : public ComposedScheduler {
 public:
  explicit ChainedScheduler(std::vector<LRScheduler*> schedulers);

  void step() override;

 protected:
  void start() override;
  void restart() override;
};

// The first schedule up to the first milestone, from there the second at its epoch 0, and so on.
//
//   optim::LinearLR warmup(optimizer, {.total_iters = 5});
//   optim::CosineAnnealingLR cosine(optimizer, {.T_max = 95});
//   optim::SequentialLR scheduler(optimizer, {&warmup, &cosine}, {5});
//
// Sets the rates back to the optimizer's initial_lr() first. A last_epoch moves the milestones
// nearer and nothing else, as in PyTorch: the first schedule begins where its own last_epoch says.
//   errors: throws kInvalidArgument unless there is one milestone less than schedules
class SequentialLR : public ComposedScheduler {
 public:
  SequentialLR(Optimizer& optimizer, std::vector<LRScheduler*> schedulers,
               std::vector<int64_t> milestones, int64_t last_epoch = -1);

  void step() override;

  StateDict state_dict() const override;  // adds "_milestones"
  absl::Status load_state_dict(const StateDict& state) override;

 protected:
  void start() override;
  void restart() override;

 private:
  // The schedule whose turn it is at an epoch.
  size_t turn(int64_t epoch) const;

  std::vector<int64_t> milestones_;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_COMPOSED_LR_H_
