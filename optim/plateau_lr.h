// SPDX-License-Identifier: Apache-2.0
//
// ReduceLROnPlateau: a smaller rate when a metric has stopped improving.
//
//   optim::ReduceLROnPlateau scheduler(optimizer, {.factor = 0.5, .patience = 3});
//   for (...) {
//     train(...);
//     scheduler.step(validation_loss);
//   }
#ifndef TESSERA_OPTIM_PLATEAU_LR_H_
#define TESSERA_OPTIM_PLATEAU_LR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tessera/optim/schedule.h"

namespace tessera::optim {

enum class PlateauMode { kMin = 0, kMax = 1 };
enum class ThresholdMode { kRel = 0, kAbs = 1 };

struct ReduceLROnPlateauOptions {
  PlateauMode mode = PlateauMode::kMin;  // whether a lower or a higher metric is better
  double factor = 0.1;
  int64_t patience = 10;  // epochs without improvement that are let pass
  // A metric is better if it is below best (1 - threshold), or best - threshold; above for kMax.
  double threshold = 1e-4;
  ThresholdMode threshold_mode = ThresholdMode::kRel;
  int64_t cooldown = 0;  // epochs after a reduction in which none counts
  PerGroup min_lr = 0;
  double eps = 1e-8;  // a rate that would change by no more stays

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("mode", o.mode);
    f("factor", o.factor);
    f("patience", o.patience);
    f("threshold", o.threshold);
    f("threshold_mode", o.threshold_mode);
    f("cooldown", o.cooldown);
    f("min_lrs", o.min_lr);
    f("eps", o.eps);
  }
  std::string problem(size_t groups) const;
};

// Multiplies the rates by factor, down to min_lr, when the metric has not improved for more than
// patience epochs. nan is no improvement. Not an LRScheduler: its step() wants the metric. The
// optimizer must outlive it.
//   errors: throws kInvalidArgument for a factor of 1 or more and for a min_lr that does not fit
//           the groups
class ReduceLROnPlateau {
 public:
  explicit ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options = {});
  ReduceLROnPlateau(const ReduceLROnPlateau&) = delete;
  ReduceLROnPlateau& operator=(const ReduceLROnPlateau&) = delete;

  void step(double metric);

  std::vector<double> get_last_lr() const;
  int64_t last_epoch() const { return last_epoch_; }
  double best() const { return best_; }  // an infinity before the first step
  int64_t num_bad_epochs() const { return num_bad_epochs_; }

  // "best", "num_bad_epochs", "cooldown_counter", "last_epoch", "_last_lr" and the options. Loading
  // sets the optimizer's rates too.
  //   errors: as LRScheduler's
  StateDict state_dict() const;
  absl::Status load_state_dict(const StateDict& state);

 private:
  bool is_better(double metric) const;

  Optimizer& optimizer_;
  ReduceLROnPlateauOptions options_;
  double best_;
  int64_t num_bad_epochs_ = 0, cooldown_counter_ = 0, last_epoch_ = 0;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_PLATEAU_LR_H_
