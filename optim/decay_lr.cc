// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/decay_lr.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace tessera::optim {
namespace {

std::string check_iterations(std::string_view name, int64_t value) {
  return value >= 1 ? "" : absl::StrCat(name, " is ", value, ", below 1");
}

}  // namespace

// ---- StepLR
// --------------------------------------------------------------------------------------

std::string StepLROptions::problem(size_t /*groups*/) const {
  return check_iterations("step_size", step_size);
}

StepLR::StepLR(Optimizer& optimizer, const StepLROptions& options, int64_t last_epoch)
    : ScheduleOf("StepLR", optimizer, options, last_epoch) {
  start();
}

double StepLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  return last_epoch() % options_.step_size == 0 ? lr * options_.gamma : lr;
}

// ---- MultiStepLR
// ---------------------------------------------------------------------------------

MultiStepLR::MultiStepLR(Optimizer& optimizer, const MultiStepLROptions& options,
                         int64_t last_epoch)
    : ScheduleOf("MultiStepLR", optimizer, options, last_epoch) {
  start();
}

double MultiStepLR::first_lr(size_t group, double lr, double base) const {
  return next_lr(group, lr, base);
}

double MultiStepLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  const auto hits =
      std::count(options_.milestones.begin(), options_.milestones.end(), last_epoch());
  return hits == 0 ? lr : lr * std::pow(options_.gamma, hits);
}

// ---- ExponentialLR
// -------------------------------------------------------------------------------

ExponentialLR::ExponentialLR(Optimizer& optimizer, double gamma, int64_t last_epoch)
    : ScheduleOf("ExponentialLR", optimizer, {.gamma = gamma}, last_epoch) {
  start();
}

double ExponentialLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  return lr * options_.gamma;
}

// ---- ConstantLR
// ----------------------------------------------------------------------------------

std::string ConstantLROptions::problem(size_t /*groups*/) const {
  return factor >= 0 && factor <= 1 ? "" : absl::StrCat("factor is ", factor, ", not in [0, 1]");
}

ConstantLR::ConstantLR(Optimizer& optimizer, const ConstantLROptions& options, int64_t last_epoch)
    : ScheduleOf("ConstantLR", optimizer, options, last_epoch) {
  start();
}

double ConstantLR::first_lr(size_t /*group*/, double lr, double /*base*/) const {
  return lr * options_.factor;
}

double ConstantLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  const bool ends = last_epoch() == options_.total_iters && options_.factor > 0;
  return ends ? lr * (1 / options_.factor) : lr;
}

// ---- LinearLR
// ------------------------------------------------------------------------------------

std::string LinearLROptions::problem(size_t /*groups*/) const {
  if (!(start_factor > 0 && start_factor <= 1)) {
    return absl::StrCat("start_factor is ", start_factor, ", not in (0, 1]");
  }
  if (!(end_factor >= 0 && end_factor <= 1)) {
    return absl::StrCat("end_factor is ", end_factor, ", not in [0, 1]");
  }
  return check_iterations("total_iters", total_iters);
}

LinearLR::LinearLR(Optimizer& optimizer, const LinearLROptions& options, int64_t last_epoch)
    : ScheduleOf("LinearLR", optimizer, options, last_epoch) {
  start();
}

double LinearLR::first_lr(size_t /*group*/, double lr, double /*base*/) const {
  return lr * options_.start_factor;
}

double LinearLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  if (last_epoch() > options_.total_iters) return lr;
  const double rise = options_.end_factor - options_.start_factor;
  const double before = static_cast<double>(options_.total_iters) * options_.start_factor +
                        static_cast<double>(last_epoch() - 1) * rise;
  return lr * (1 + rise / before);
}

// ---- PolynomialLR
// --------------------------------------------------------------------------------

std::string PolynomialLROptions::problem(size_t /*groups*/) const {
  return check_iterations("total_iters", total_iters);
}

PolynomialLR::PolynomialLR(Optimizer& optimizer, const PolynomialLROptions& options,
                           int64_t last_epoch)
    : ScheduleOf("PolynomialLR", optimizer, options, last_epoch) {
  start();
}

double PolynomialLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  if (last_epoch() > options_.total_iters) return lr;
  auto height = [&](int64_t epoch) {
    return 1 - static_cast<double>(epoch) / static_cast<double>(options_.total_iters);
  };
  return lr * std::pow(height(last_epoch()) / height(last_epoch() - 1), options_.power);
}

}  // namespace tessera::optim
