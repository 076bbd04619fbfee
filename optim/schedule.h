// SPDX-License-Identifier: Apache-2.0
//
// LRScheduler: what learning rate schedules have in common. optim/lr_scheduler.h has all of them.
#ifndef TESSERA_OPTIM_SCHEDULE_H_
#define TESSERA_OPTIM_SCHEDULE_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tessera/optim/optimizer.h"
#include "tessera/optim/option_state.h"

namespace tessera::optim {

// A schedule changes the "lr" option of every group of its optimizer: when it is made to the rate
// of epoch 0, at each step() to the next. Most rates come from the present ones, as in PyTorch, so
// that several schedules on one optimizer multiply. An epoch is whatever passes between two calls
// of step(). The optimizer must outlive it; groups may not be added to it meanwhile.
//
// Every schedule takes as its last argument `last_epoch`, the last epoch that training has seen:
// -1, none, or where it goes on without a state of the schedule:
//
//   optimizer.load_state_dict(saved);                                // rates and initial_lr()
//   optim::StepLR scheduler(optimizer, {.step_size = 30}, epoch);    // goes to epoch + 1
//
// The schedule then goes to the next epoch from the present rates, as PyTorch's: ExponentialLR,
// LinearLR, PolynomialLR, CosineAnnealingLR and MultiplicativeLR take them for that epoch's,
// StepLR, MultiStepLR and ConstantLR change them if that epoch does, the others compute them anew.
//   errors: throws kInvalidArgument for a last_epoch below -1, and for one above -1 if a group of
//           the optimizer has no initial_lr()
class LRScheduler {
 public:
  LRScheduler(const LRScheduler&) = delete;
  LRScheduler& operator=(const LRScheduler&) = delete;
  virtual ~LRScheduler() = default;

  virtual void step();
  // The rate of each group as it was last set.
  std::vector<double> get_last_lr() const;
  int64_t last_epoch() const { return last_epoch_; }  // steps taken
  Optimizer& optimizer() const { return optimizer_; }

  // "last_epoch", "base_lrs", "_last_lr" and what a schedule adds, its options among them.
  virtual StateDict state_dict() const;
  // Continues where the saved schedule was; sets the optimizer's rates too, and the options unless
  // they are functions.
  //   errors: kInvalidArgument for entries that are missing, of another number of groups, or out of
  //           range; the schedule is then as before
  virtual absl::Status load_state_dict(const StateDict& state);

 protected:
  // Keeps the optimizer's initial_lr() as base rates. A derived constructor calls start() at its
  // end. `name` is the schedule's, for messages.
  LRScheduler(std::string_view name, Optimizer& optimizer, int64_t last_epoch);

  // Goes to start_epoch() from the present rates.
  virtual void start();
  // Goes to epoch 0 from the base rates: what SequentialLR does when a schedule's turn comes.
  virtual void restart();

  // The rate of a group at epoch 0 and at a later last_epoch(), where `lr` is its present one and
  // `base` that at the start.
  virtual double first_lr(size_t group, double lr, double base) const;
  virtual double next_lr(size_t group, double lr, double base) const = 0;
  // That at a start_epoch() above 0.
  virtual double resumed_lr(size_t group, double lr, double base) const {
    return next_lr(group, lr, base);
  }
  // Called when the rates of an epoch are set.
  virtual void on_epoch() {}

  int64_t start_epoch() const { return start_epoch_; }
  const std::vector<double>& base_lrs() const { return base_lrs_; }
  void set_base_lrs(std::vector<double> rates) { base_lrs_ = std::move(rates); }
  void set_last_epoch(int64_t epoch) { last_epoch_ = epoch; }
  void set_rate(size_t group, double lr) { optimizer_.set_lr(lr, group); }

 private:
  friend class ComposedScheduler;

  Optimizer& optimizer_;
  std::vector<double> base_lrs_;
  int64_t start_epoch_;  // the one after the constructor's last_epoch
  int64_t last_epoch_ = 0;
};

// A number for all groups of an optimizer, or one for each: 0.1, {0.1, 0.01}.
struct PerGroup {
  std::vector<double> values;

  PerGroup() = default;
  PerGroup(double value) : values{value} {}  // NOLINT(google-explicit-constructor)
  PerGroup(std::initializer_list<double> list) : values(list) {}

  double at(size_t group) const { return values.size() == 1 ? values[0] : values[group]; }
};

namespace internal {

// Throws kInvalidArgument, "StepLR: ...", unless `problem` is empty.
void check_schedule(std::string_view schedule, const std::string& problem);

// Empty, or that a list has neither one number nor one for each of `groups` groups.
std::string check_per_group(std::string_view name, const PerGroup& values, size_t groups);

inline void save_option(StateDict& dict, const std::string& name, const PerGroup& value) {
  save_option(dict, name, value.values);
}
inline absl::Status load_option(const StateDict& dict, const std::string& name, PerGroup& out,
                                size_t& used) {
  return load_option(dict, name, out.values, used);
}

}  // namespace internal

// A schedule with options: a struct with visit() (optim/option_state.h) and
//   std::string problem(size_t groups) const;   // empty, or what is wrong with the values
template <class Options>
class ScheduleOf : public LRScheduler {
 public:
  const Options& options() const { return options_; }

  StateDict state_dict() const override {
    StateDict dict = LRScheduler::state_dict();
    Options::visit(options_, [&](std::string_view name, const auto& value) {
      internal::save_option(dict, std::string(name), value);
    });
    return dict;
  }

  absl::Status load_state_dict(const StateDict& state) override {
    Options options = options_;
    absl::Status status;
    size_t used = 0;
    Options::visit(options, [&](std::string_view name, auto& value) {
      status.Update(internal::load_option(state, std::string(name), value, used));
    });
    if (!status.ok()) return status;
    if (std::string problem = options.problem(base_lrs().size()); !problem.empty()) {
      return absl::InvalidArgumentError(problem);
    }
    status = LRScheduler::load_state_dict(state);
    if (status.ok()) options_ = std::move(options);
    return status;
  }

 protected:
  ScheduleOf(std::string_view name, Optimizer& optimizer, Options options, int64_t last_epoch)
      : LRScheduler(name, optimizer, last_epoch), options_(std::move(options)) {
    internal::check_schedule(name, options_.problem(base_lrs().size()));
  }

  Options options_;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_SCHEDULE_H_
