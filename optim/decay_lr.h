// SPDX-License-Identifier: Apache-2.0
//
// Schedules that go from the base rate by steps, powers and straight lines: StepLR, MultiStepLR,
// ExponentialLR, ConstantLR, LinearLR, PolynomialLR.
#ifndef TESSERA_OPTIM_DECAY_LR_H_
#define TESSERA_OPTIM_DECAY_LR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tessera/optim/schedule.h"

namespace tessera::optim {

struct StepLROptions {
  int64_t step_size = 0;  // epochs; has to be given
  double gamma = 0.1;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("step_size", o.step_size);
    f("gamma", o.gamma);
  }
  std::string problem(size_t groups) const;
};

// Multiplies the rate by gamma every step_size epochs.
//   errors: throws kInvalidArgument for step_size below 1
class StepLR : public ScheduleOf<StepLROptions> {
 public:
  StepLR(Optimizer& optimizer, const StepLROptions& options, int64_t last_epoch = -1);

 protected:
  double next_lr(size_t group, double lr, double base) const override;
};

struct MultiStepLROptions {
  std::vector<int64_t> milestones = {};  // epochs; one that comes twice counts twice
  double gamma = 0.1;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("milestones", o.milestones);
    f("gamma", o.gamma);
  }
  std::string problem(size_t /*groups*/) const { return ""; }
};

// Multiplies the rate by gamma at each milestone.
class MultiStepLR : public ScheduleOf<MultiStepLROptions> {
 public:
  MultiStepLR(Optimizer& optimizer, const MultiStepLROptions& options, int64_t last_epoch = -1);

 protected:
  double first_lr(size_t group, double lr, double base) const override;
  double next_lr(size_t group, double lr, double base) const override;
};

struct ExponentialLROptions {
  double gamma = 0;  // has to be given

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("gamma", o.gamma);
  }
  std::string problem(size_t /*groups*/) const { return ""; }
};

// Multiplies the rate by gamma every epoch.
class ExponentialLR : public ScheduleOf<ExponentialLROptions> {
 public:
  ExponentialLR(Optimizer& optimizer, double gamma, int64_t last_epoch = -1);

 protected:
  double next_lr(size_t group, double lr, double base) const override;
  double resumed_lr(size_t /*group*/, double lr, double /*base*/) const override { return lr; }
};

struct ConstantLROptions {
  double factor = 1.0 / 3;
  int64_t total_iters = 5;  // epochs of the lower rate

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("factor", o.factor);
    f("total_iters", o.total_iters);
  }
  std::string problem(size_t groups) const;
};

// The base rate times factor, from epoch total_iters on the base rate.
//   errors: throws kInvalidArgument for a factor outside [0, 1]. A factor of 0 never ends (PyTorch
//           divides by it)
class ConstantLR : public ScheduleOf<ConstantLROptions> {
 public:
  ConstantLR(Optimizer& optimizer, const ConstantLROptions& options = {}, int64_t last_epoch = -1);

 protected:
  double first_lr(size_t group, double lr, double base) const override;
  double next_lr(size_t group, double lr, double base) const override;
};

struct LinearLROptions {
  double start_factor = 1.0 / 3;
  double end_factor = 1;
  int64_t total_iters = 5;  // epochs from start_factor to end_factor

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("start_factor", o.start_factor);
    f("end_factor", o.end_factor);
    f("total_iters", o.total_iters);
  }
  std::string problem(size_t groups) const;
};

// The base rate times a factor that goes in a straight line and then stays.
//   errors: throws kInvalidArgument for a start_factor outside (0, 1], an end_factor outside [0, 1]
//           or total_iters below 1
class LinearLR : public ScheduleOf<LinearLROptions> {
 public:
  LinearLR(Optimizer& optimizer, const LinearLROptions& options = {}, int64_t last_epoch = -1);

 protected:
  double first_lr(size_t group, double lr, double base) const override;
  double next_lr(size_t group, double lr, double base) const override;
  double resumed_lr(size_t /*group*/, double lr, double /*base*/) const override { return lr; }
};

struct PolynomialLROptions {
  int64_t total_iters = 5;  // epochs from the base rate to 0
  double power = 1;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("total_iters", o.total_iters);
    f("power", o.power);
  }
  std::string problem(size_t groups) const;
};

// The base rate times (1 - epoch / total_iters)^power; then 0.
//   errors: throws kInvalidArgument for total_iters below 1
class PolynomialLR : public ScheduleOf<PolynomialLROptions> {
 public:
  PolynomialLR(Optimizer& optimizer, const PolynomialLROptions& options = {},
               int64_t last_epoch = -1);

 protected:
  double next_lr(size_t group, double lr, double base) const override;
  double resumed_lr(size_t /*group*/, double lr, double /*base*/) const override { return lr; }
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_DECAY_LR_H_
