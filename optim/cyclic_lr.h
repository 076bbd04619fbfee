// SPDX-License-Identifier: Apache-2.0
//
// Schedules that move rate and momentum against each other, batch by batch: CyclicLR, OneCycleLR.
//
//   optim::OneCycleLR scheduler(optimizer, {.max_lr = 0.1, .total_steps = epochs * batches});
//   for (...) {
//     ... optimizer.step();
//     scheduler.step();  // after each batch
//   }
//
// With cycle_momentum they change the option "momentum" of each group, or, for optimizers with
// betas, the first of these.
#ifndef TESSERA_OPTIM_CYCLIC_LR_H_
#define TESSERA_OPTIM_CYCLIC_LR_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tessera/optim/schedule.h"

namespace tessera::optim {

enum class CyclicMode { kTriangular = 0, kTriangular2 = 1, kExpRange = 2 };
enum class ScaleMode { kCycle = 0, kIterations = 1 };

struct CyclicLROptions {
  PerGroup base_lr = {};  // the lowest rate, and the first; has to be given
  PerGroup max_lr = {};   // the highest rate; has to be given
  int64_t step_size_up = 2000;
  std::optional<int64_t> step_size_down = {};  // step_size_up
  // The amplitude: the same in all cycles, halved by each cycle, or gamma^step.
  CyclicMode mode = CyclicMode::kTriangular;
  double gamma = 1;
  // The amplitude as a function of the cycle (from 1) or of the step, instead of `mode`.
  std::function<double(double)> scale_fn = {};
  ScaleMode scale_mode = ScaleMode::kCycle;
  bool cycle_momentum = true;
  PerGroup base_momentum = 0.8;  // where the rate is highest
  PerGroup max_momentum = 0.9;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("base_lr", o.base_lr);
    f("max_lrs", o.max_lr);
    f("step_size_up", o.step_size_up);
    f("step_size_down", o.step_size_down);
    f("mode", o.mode);
    f("gamma", o.gamma);
    f("scale_mode", o.scale_mode);
    f("cycle_momentum", o.cycle_momentum);
    f("base_momentums", o.base_momentum);
    f("max_momentums", o.max_momentum);
  }
  std::string problem(size_t groups) const;
};

// In cycles, from base_lr in a straight line to max_lr in step_size_up steps and back in
// step_size_down; the momentum the other way, from max_momentum.
//   errors: throws kInvalidArgument for rates or momenta that do not fit the groups, step sizes
//           below 1, and cycle_momentum for an optimizer without momentum
//   source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017
class CyclicLR : public ScheduleOf<CyclicLROptions> {
 public:
  CyclicLR(Optimizer& optimizer, const CyclicLROptions& options, int64_t last_epoch = -1);

 protected:
  double first_lr(size_t group, double lr, double base) const override;
  double next_lr(size_t group, double lr, double base) const override;
  void on_epoch() override;

 private:
  // Where the rate stands between base_lr (0) and max_lr (1).
  double height() const;
};

enum class AnnealStrategy { kCos = 0, kLinear = 1 };

struct OneCycleLROptions {
  PerGroup max_lr = {};  // has to be given
  // All steps, or epochs times steps_per_epoch.
  std::optional<int64_t> total_steps = {};
  std::optional<int64_t> epochs = {};
  std::optional<int64_t> steps_per_epoch = {};
  double pct_start = 0.3;  // the part of the steps, in [0, 1], in which the rate rises
  AnnealStrategy anneal_strategy = AnnealStrategy::kCos;
  bool cycle_momentum = true;
  PerGroup base_momentum = 0.85;  // where the rate is highest
  PerGroup max_momentum = 0.95;
  double div_factor = 25;         // max_lr over the first rate
  double final_div_factor = 1e4;  // the first rate over the last
  bool three_phase = false;       // down to the first rate as fast as up, then on to the last

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("max_lr", o.max_lr);
    f("total_steps", o.total_steps);
    f("epochs", o.epochs);
    f("steps_per_epoch", o.steps_per_epoch);
    f("pct_start", o.pct_start);
    f("_anneal_func_type", o.anneal_strategy);
    f("cycle_momentum", o.cycle_momentum);
    f("base_momentum", o.base_momentum);
    f("max_momentum", o.max_momentum);
    f("div_factor", o.div_factor);
    f("final_div_factor", o.final_div_factor);
    f("three_phase", o.three_phase);
  }
  std::string problem(size_t groups) const;
  int64_t steps() const;
};

// One rise of the rate from max_lr / div_factor to max_lr and one longer fall to
// max_lr / (div_factor final_div_factor); the momentum falls and rises. Sets the optimizer's
// initial_lr(), unless it is given a last_epoch.
//   errors: throws kInvalidArgument for rates or momenta that do not fit the groups, no number of
//           steps, a pct_start outside [0, 1] or of one step, and cycle_momentum for an optimizer
//           without momentum; step() kFailedPrecondition after total_steps
//   source: Smith and Topin, Super-Convergence, 2019
class OneCycleLR : public ScheduleOf<OneCycleLROptions> {
 public:
  OneCycleLR(Optimizer& optimizer, const OneCycleLROptions& options, int64_t last_epoch = -1);

  void step() override;

 protected:
  double first_lr(size_t group, double lr, double base) const override;
  double next_lr(size_t group, double lr, double base) const override;
  void on_epoch() override;

 private:
  // The present step's phase, and the part of it that is over.
  struct Place {
    int phase;
    double part;
  };
  Place place() const;
  double anneal(double start, double end, double part) const;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_CYCLIC_LR_H_
