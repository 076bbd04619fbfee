// SPDX-License-Identifier: Apache-2.0
//
// Learning rate schedules, as torch.optim.lr_scheduler.
//
//   optim::SGD optimizer(model.parameters(), {.lr = 0.1});
//   optim::CosineAnnealingLR scheduler(optimizer, {.T_max = epochs});
//   for (int epoch = 0; epoch < epochs; ++epoch) {
//     train(...);
//     scheduler.step();
//   }
//
// A scheduler changes the "lr" option of every group of its optimizer: at its construction to the
// rate of epoch 0 and at each step() to the next. The rates come from the present ones, as in
// PyTorch, so that several schedulers on one optimizer multiply. The optimizer must outlive it.
#ifndef TESSERA_OPTIM_LR_SCHEDULER_H_
#define TESSERA_OPTIM_LR_SCHEDULER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "tessera/optim/optimizer.h"

namespace tessera::optim {

class LRScheduler {
 public:
  LRScheduler(const LRScheduler&) = delete;
  LRScheduler& operator=(const LRScheduler&) = delete;
  virtual ~LRScheduler() = default;

  void step();
  // The rate of each group as it was last set.
  std::vector<double> get_last_lr() const;
  int64_t last_epoch() const { return last_epoch_; }  // steps taken

  // "last_epoch", "base_lrs" and "last_lrs". Loading sets the optimizer's rates too.
  StateDict state_dict() const;
  //   errors: kInvalidArgument for entries that are missing or of another number of groups
  absl::Status load_state_dict(const StateDict& state);

 protected:
  // Keeps the optimizer's present rates as base rates. A derived constructor calls start() at its
  // end.
  explicit LRScheduler(Optimizer& optimizer);
  void start();

  // The rate of a group at last_epoch(), where `lr` is its present one and `base` that at the
  // start.
  virtual double next_lr(size_t group, double lr, double base) const = 0;

 private:
  void set_rates();

  Optimizer& optimizer_;
  std::vector<double> base_lrs_;
  int64_t last_epoch_ = 0;
};

struct StepLROptions {
  int64_t step_size = 0;  // epochs; has to be given
  double gamma = 0.1;
};

// Multiplies the rate by gamma every step_size epochs.
//   errors: throws kInvalidArgument for step_size below 1
class StepLR : public LRScheduler {
 public:
  StepLR(Optimizer& optimizer, const StepLROptions& options);

 protected:
  double next_lr(size_t group, double lr, double base) const override;

 private:
  StepLROptions options_;
};

struct MultiStepLROptions {
  std::vector<int64_t> milestones = {};  // epochs; one that comes twice counts twice
  double gamma = 0.1;
};

// Multiplies the rate by gamma at each milestone.
class MultiStepLR : public LRScheduler {
 public:
  MultiStepLR(Optimizer& optimizer, const MultiStepLROptions& options);

 protected:
  double next_lr(size_t group, double lr, double base) const override;

 private:
  MultiStepLROptions options_;
};

// Multiplies the rate by gamma every epoch.
class ExponentialLR : public LRScheduler {
 public:
  ExponentialLR(Optimizer& optimizer, double gamma);

 protected:
  double next_lr(size_t group, double lr, double base) const override;

 private:
  double gamma_;
};

struct LinearLROptions {
  double start_factor = 1.0 / 3;
  double end_factor = 1;
  int64_t total_iters = 5;  // epochs from start_factor to end_factor
};

// The base rate times a factor that goes in a straight line and then stays.
//   errors: throws kInvalidArgument for a start_factor outside (0, 1], an end_factor outside [0, 1]
//   or
//           total_iters below 1
class LinearLR : public LRScheduler {
 public:
  LinearLR(Optimizer& optimizer, const LinearLROptions& options = {});

 protected:
  double next_lr(size_t group, double lr, double base) const override;

 private:
  LinearLROptions options_;
};

// The base rate times a function of the epoch.
class LambdaLR : public LRScheduler {
 public:
  LambdaLR(Optimizer& optimizer, std::function<double(int64_t epoch)> factor);

 protected:
  double next_lr(size_t group, double lr, double base) const override;

 private:
  std::function<double(int64_t)> factor_;
};

struct CosineAnnealingLROptions {
  int64_t T_max = 0;  // epochs from the base rate to eta_min; has to be given
  double eta_min = 0;
};

// Half a cosine wave from the base rate to eta_min, and back if training goes on.
//   errors: throws kInvalidArgument for T_max below 1
//   source: Loshchilov and Hutter, SGDR, 2017 (without restarts)
class CosineAnnealingLR : public LRScheduler {
 public:
  CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options);

 protected:
  double next_lr(size_t group, double lr, double base) const override;

 private:
  CosineAnnealingLROptions options_;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_LR_SCHEDULER_H_
