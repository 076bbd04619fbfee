// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/cosine_lr.h"

#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/capture_hooks.h"

namespace tessera::optim {
namespace {

// Of a cosine wave between 0 and 1, at a part of its half period.
double wave(double part) { return (1 + std::cos(std::numbers::pi * part)) / 2; }

}  // namespace

// ---- CosineAnnealingLR
// ---------------------------------------------------------------------------

std::string CosineAnnealingLROptions::problem(size_t /*groups*/) const {
  return T_max >= 1 ? "" : absl::StrCat("T_max is ", T_max, ", below 1");
}

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options,
                                     int64_t last_epoch)
    : ScheduleOf("CosineAnnealingLR", optimizer, options, last_epoch) {
  start();
}

double CosineAnnealingLR::next_lr(size_t /*group*/, double lr, double base) const {
  // The wave's height above eta_min, as a part of base - eta_min.
  auto height = [&](int64_t epoch) {
    return wave(static_cast<double>(epoch) / static_cast<double>(options_.T_max));
  };
  // At the bottom the ratio of heights is 0 / 0; from there the wave starts from the base rate.
  if ((last_epoch() - 1) % (2 * options_.T_max) == options_.T_max) {
    return lr + (base - options_.eta_min) * height(last_epoch());
  }
  return options_.eta_min +
         (lr - options_.eta_min) * height(last_epoch()) / height(last_epoch() - 1);
}

// ---- CosineAnnealingWarmRestarts
// -----------------------------------------------------------------

std::string CosineAnnealingWarmRestartsOptions::problem(size_t /*groups*/) const {
  if (T_0 < 1) return absl::StrCat("T_0 is ", T_0, ", below 1");
  return T_mult >= 1 ? "" : absl::StrCat("T_mult is ", T_mult, ", below 1");
}

CosineAnnealingWarmRestarts::CosineAnnealingWarmRestarts(
    Optimizer& optimizer, const CosineAnnealingWarmRestartsOptions& options, int64_t last_epoch)
    : ScheduleOf("CosineAnnealingWarmRestarts", optimizer, options, last_epoch) {
  start();
}

void CosineAnnealingWarmRestarts::step() {
  if (step_recorder() != nullptr) return each_time([this] { step(); });
  since_ += 1;
  if (since_ >= period_) {
    since_ -= period_;
    period_ *= static_cast<double>(options_.T_mult);
  }
  set_last_epoch(last_epoch() + 1);
  set_rates();
}

void CosineAnnealingWarmRestarts::step(double epoch) {
  internal::check_schedule("CosineAnnealingWarmRestarts",
                           epoch >= 0 ? "" : absl::StrCat("epoch is ", epoch, ", not at least 0"));
  go_to(epoch);
}

void CosineAnnealingWarmRestarts::go_to(double epoch) {
  const double first = static_cast<double>(options_.T_0);
  const double growth = static_cast<double>(options_.T_mult);
  period_ = first;
  if (options_.T_mult == 1) {
    since_ = std::fmod(epoch, first);
  } else {
    // n periods took T_0 (T_mult^n - 1) / (T_mult - 1) epochs.
    const double periods =
        std::floor(std::log(epoch / first * (growth - 1) + 1) / std::log(growth));
    since_ = epoch - first * (std::pow(growth, periods) - 1) / (growth - 1);
    period_ = first * std::pow(growth, periods);
  }
  set_last_epoch(static_cast<int64_t>(std::floor(epoch)));
  set_rates();
}

void CosineAnnealingWarmRestarts::set_rates() {
  for (size_t g = 0; g < base_lrs().size(); ++g) set_rate(g, next_lr(g, 0, base_lrs()[g]));
}

double CosineAnnealingWarmRestarts::first_lr(size_t group, double lr, double base) const {
  return next_lr(group, lr, base);
}

double CosineAnnealingWarmRestarts::next_lr(size_t /*group*/, double /*lr*/, double base) const {
  return options_.eta_min + (base - options_.eta_min) * wave(since_ / period_);
}

StateDict CosineAnnealingWarmRestarts::state_dict() const {
  StateDict dict = ScheduleOf::state_dict();
  dict.set("T_cur", internal::option_tensor(since_));
  dict.set("T_i", internal::option_tensor(period_));
  return dict;
}

absl::Status CosineAnnealingWarmRestarts::load_state_dict(const StateDict& state) {
  double since = 0, period = 0;
  size_t used = 0;
  absl::Status status = internal::load_option(state, "T_cur", since, used);
  status.Update(internal::load_option(state, "T_i", period, used));
  if (status.ok()) status = ScheduleOf::load_state_dict(state);
  if (!status.ok()) return status;
  since_ = since;
  period_ = period;
  return absl::OkStatus();
}

}  // namespace tessera::optim
