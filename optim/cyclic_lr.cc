// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/cyclic_lr.h"

#include <cmath>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/optim/option_checks.h"
#include "tessera/tensor/capture_hooks.h"

namespace tessera::optim {
namespace {

// A group's momentum, or its first beta; nullptr if it has neither.
double* momentum_of(Optimizer& optimizer, size_t group) {
  double* beta = optimizer.find_option(group, "betas.0");
  return beta != nullptr ? beta : optimizer.find_option(group, "momentum");
}

void check_has_momentum(const char* schedule, Optimizer& optimizer) {
  for (size_t g = 0; g < optimizer.num_groups(); ++g) {
    internal::check_schedule(schedule, momentum_of(optimizer, g) != nullptr
                                           ? ""
                                           : "cycle_momentum wants an optimizer with momentum or "
                                             "betas");
  }
}

std::string check_steps(const char* name, int64_t value) {
  return value >= 1 ? "" : absl::StrCat(name, " is ", value, ", below 1");
}

}  // namespace

// ---- CyclicLR
// ------------------------------------------------------------------------------------

std::string CyclicLROptions::problem(size_t groups) const {
  if (mode < CyclicMode::kTriangular || mode > CyclicMode::kExpRange) return "the mode is none";
  return internal::first_problem(
      {internal::check_per_group("base_lr", base_lr, groups),
       internal::check_per_group("max_lr", max_lr, groups),
       internal::check_per_group("base_momentum", base_momentum, groups),
       internal::check_per_group("max_momentum", max_momentum, groups),
       check_steps("step_size_up", step_size_up),
       check_steps("step_size_down", step_size_down.value_or(step_size_up))});
}

namespace {

// The base rates are in place before the schedule keeps the optimizer's rates.
Optimizer& with_base_rates(Optimizer& optimizer, const CyclicLROptions& options,
                           int64_t last_epoch) {
  internal::check_schedule("CyclicLR", options.problem(optimizer.num_groups()));
  if (last_epoch != -1) return optimizer;
  for (size_t g = 0; g < optimizer.num_groups(); ++g) optimizer.set_lr(options.base_lr.at(g), g);
  return optimizer;
}

}  // namespace

CyclicLR::CyclicLR(Optimizer& optimizer, const CyclicLROptions& options, int64_t last_epoch)
    : ScheduleOf("CyclicLR", with_base_rates(optimizer, options, last_epoch), options, last_epoch) {
  if (options_.cycle_momentum) check_has_momentum("CyclicLR", optimizer);
  std::vector<double> base;
  for (size_t g = 0; g < optimizer.num_groups(); ++g) base.push_back(options_.base_lr.at(g));
  set_base_lrs(std::move(base));
  start();
}

double CyclicLR::height() const {
  const double up = static_cast<double>(options_.step_size_up);
  const double down = static_cast<double>(options_.step_size_down.value_or(options_.step_size_up));
  const double cycles = static_cast<double>(last_epoch()) / (up + down);
  const double cycle = std::floor(1 + cycles), part = 1 + cycles - cycle;
  const double peak = up / (up + down);
  const double triangle = part <= peak ? part / peak : (part - 1) / (peak - 1);
  if (options_.scale_fn) {
    const bool by_cycle = options_.scale_mode == ScaleMode::kCycle;
    return triangle * options_.scale_fn(by_cycle ? cycle : static_cast<double>(last_epoch()));
  }
  switch (options_.mode) {
    case CyclicMode::kTriangular2:
      return triangle / std::exp2(cycle - 1);
    case CyclicMode::kExpRange:
      return triangle * std::pow(options_.gamma, static_cast<double>(last_epoch()));
    case CyclicMode::kTriangular:
      break;
  }
  return triangle;
}

double CyclicLR::first_lr(size_t group, double lr, double base) const {
  return next_lr(group, lr, base);
}

double CyclicLR::next_lr(size_t group, double /*lr*/, double base) const {
  return base + (options_.max_lr.at(group) - base) * height();
}

void CyclicLR::on_epoch() {
  if (!options_.cycle_momentum) return;
  for (size_t g = 0; g < base_lrs().size(); ++g) {
    const double most = options_.max_momentum.at(g);
    *momentum_of(optimizer(), g) = most - (most - options_.base_momentum.at(g)) * height();
  }
}

// ---- OneCycleLR
// ----------------------------------------------------------------------------------

int64_t OneCycleLROptions::steps() const {
  return total_steps ? *total_steps : epochs.value_or(0) * steps_per_epoch.value_or(0);
}

std::string OneCycleLROptions::problem(size_t groups) const {
  if (!total_steps && !(epochs && steps_per_epoch)) {
    return "wants total_steps, or epochs and steps_per_epoch";
  }
  if (anneal_strategy < AnnealStrategy::kCos || anneal_strategy > AnnealStrategy::kLinear) {
    return "the anneal_strategy is none";
  }
  // Its phase would begin where it ends.
  if (pct_start * static_cast<double>(steps()) == 1) return "pct_start is one step";
  return internal::first_problem({internal::check_per_group("max_lr", max_lr, groups),
                                  internal::check_per_group("base_momentum", base_momentum, groups),
                                  internal::check_per_group("max_momentum", max_momentum, groups),
                                  check_steps("total_steps", steps()),
                                  internal::check_range(0, 1, "pct_start", pct_start)});
}

namespace {

Optimizer& with_first_rates(Optimizer& optimizer, const OneCycleLROptions& options,
                            int64_t last_epoch) {
  internal::check_schedule("OneCycleLR", options.problem(optimizer.num_groups()));
  if (last_epoch != -1) return optimizer;
  for (size_t g = 0; g < optimizer.num_groups(); ++g) {
    optimizer.set_initial_lr(options.max_lr.at(g) / options.div_factor, g);
  }
  return optimizer;
}

}  // namespace

OneCycleLR::OneCycleLR(Optimizer& optimizer, const OneCycleLROptions& options, int64_t last_epoch)
    : ScheduleOf("OneCycleLR", with_first_rates(optimizer, options, last_epoch), options,
                 last_epoch) {
  if (options_.cycle_momentum) check_has_momentum("OneCycleLR", optimizer);
  start();
}

void OneCycleLR::step() {
  if (step_recorder() != nullptr) return each_time([this] { step(); });
  if (last_epoch() >= options_.steps()) {
    raise(absl::FailedPreconditionError(
        absl::StrCat("OneCycleLR: step ", last_epoch() + 1, " of ", options_.steps(), " in all")));
  }
  LRScheduler::step();
}

OneCycleLR::Place OneCycleLR::place() const {
  const double steps = static_cast<double>(options_.steps());
  const double now = static_cast<double>(last_epoch());
  const double rise = options_.pct_start * steps - 1;
  std::vector<double> ends = {rise};
  if (options_.three_phase) ends.push_back(2 * rise);
  ends.push_back(steps - 1);
  double start = 0;
  size_t phase = 0;
  for (; phase + 1 < ends.size() && now > ends[phase]; ++phase) start = ends[phase];
  return {static_cast<int>(phase), (now - start) / (ends[phase] - start)};
}

double OneCycleLR::anneal(double start, double end, double part) const {
  if (options_.anneal_strategy == AnnealStrategy::kLinear) return start + (end - start) * part;
  return end + (start - end) / 2 * (std::cos(std::numbers::pi * part) + 1);
}

double OneCycleLR::first_lr(size_t group, double lr, double base) const {
  return next_lr(group, lr, base);
}

double OneCycleLR::next_lr(size_t group, double /*lr*/, double base) const {
  const auto [phase, part] = place();
  const double most = options_.max_lr.at(group), least = base / options_.final_div_factor;
  if (phase == 0) return anneal(base, most, part);
  if (!options_.three_phase) return anneal(most, least, part);
  return phase == 1 ? anneal(most, base, part) : anneal(base, least, part);
}

void OneCycleLR::on_epoch() {
  if (!options_.cycle_momentum) return;
  const auto [phase, part] = place();
  for (size_t g = 0; g < base_lrs().size(); ++g) {
    const double most = options_.max_momentum.at(g), least = options_.base_momentum.at(g);
    *momentum_of(optimizer(), g) = phase == 0   ? anneal(most, least, part)
                                   : phase == 1 ? anneal(least, most, part)
                                                : most;
  }
}

}  // namespace tessera::optim
