// SPDX-License-Identifier: Apache-2.0
//
// Schedules along a cosine: CosineAnnealingLR, CosineAnnealingWarmRestarts.
#ifndef TESSERA_OPTIM_COSINE_LR_H_
#define TESSERA_OPTIM_COSINE_LR_H_

#include <cstdint>
#include <string>

#include "tessera/optim/schedule.h"

namespace tessera::optim {

struct CosineAnnealingLROptions {
  int64_t T_max = 0;  // epochs from the base rate to eta_min; has to be given
  double eta_min = 0;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("T_max", o.T_max);
    f("eta_min", o.eta_min);
  }
  std::string problem(size_t groups) const;
};

// Half a cosine wave from the base rate to eta_min, and back if training goes on.
//   errors: throws kInvalidArgument for T_max below 1
//   source: Loshchilov and Hutter, SGDR, 2017 (without restarts)
class CosineAnnealingLR : public ScheduleOf<CosineAnnealingLROptions> {
 public:
  CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options,
                    int64_t last_epoch = -1);

 protected:
  double next_lr(size_t group, double lr, double base) const override;
  double resumed_lr(size_t /*group*/, double lr, double /*base*/) const override { return lr; }
};

struct CosineAnnealingWarmRestartsOptions {
  int64_t T_0 = 0;     // epochs of the first period; has to be given
  int64_t T_mult = 1;  // each period is so many times as long as the one before
  double eta_min = 0;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("T_0", o.T_0);
    f("T_mult", o.T_mult);
    f("eta_min", o.eta_min);
  }
  std::string problem(size_t groups) const;
};

// From the base rate along half a cosine wave to eta_min, again and again. With a last_epoch it is
// in the period that training has come to (PyTorch looks one period ahead only).
//   errors: throws kInvalidArgument for T_0 or T_mult below 1
//   source: Loshchilov and Hutter, SGDR, 2017
class CosineAnnealingWarmRestarts : public ScheduleOf<CosineAnnealingWarmRestartsOptions> {
 public:
  CosineAnnealingWarmRestarts(Optimizer& optimizer,
                              const CosineAnnealingWarmRestartsOptions& options,
                              int64_t last_epoch = -1);

  void step() override;
  // Goes to an epoch, which may lie between two: step(epoch + batch / batches) after each batch.
  //   errors: throws kInvalidArgument for an epoch below 0
  void step(double epoch);

  // Adds "T_cur" and "T_i".
  StateDict state_dict() const override;
  absl::Status load_state_dict(const StateDict& state) override;

 protected:
  void start() override { go_to(static_cast<double>(start_epoch())); }
  void restart() override { go_to(0); }
  double first_lr(size_t group, double lr, double base) const override;
  double next_lr(size_t group, double lr, double base) const override;

 private:
  void go_to(double epoch);
  void set_rates();

  double period_ = 0, since_ = 0;  // epochs: of this period, and since its start
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_COSINE_LR_H_
