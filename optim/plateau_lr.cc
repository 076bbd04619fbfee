// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/plateau_lr.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace tessera::optim {

std::string ReduceLROnPlateauOptions::problem(size_t groups) const {
  if (!(factor < 1)) return absl::StrCat("factor is ", factor, ", not below 1");
  return internal::check_per_group("min_lr", min_lr, groups);
}

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options)
    : optimizer_(optimizer),
      options_(options),
      best_(options.mode == PlateauMode::kMin ? std::numeric_limits<double>::infinity()
                                              : -std::numeric_limits<double>::infinity()) {
  internal::check_schedule("ReduceLROnPlateau", options_.problem(optimizer.num_groups()));
}

bool ReduceLROnPlateau::is_better(double metric) const {
  const bool relative = options_.threshold_mode == ThresholdMode::kRel;
  if (options_.mode == PlateauMode::kMin) {
    return metric < (relative ? best_ * (1 - options_.threshold) : best_ - options_.threshold);
  }
  return metric > (relative ? best_ * (1 + options_.threshold) : best_ + options_.threshold);
}

void ReduceLROnPlateau::step(double metric) {
  ++last_epoch_;
  if (is_better(metric)) {
    best_ = metric;
    num_bad_epochs_ = 0;
  } else {
    ++num_bad_epochs_;
  }
  if (cooldown_counter_ > 0) {
    --cooldown_counter_;
    num_bad_epochs_ = 0;
  }
  if (num_bad_epochs_ <= options_.patience) return;
  for (size_t g = 0; g < optimizer_.num_groups(); ++g) {
    const double old = optimizer_.lr(g);
    const double reduced = std::max(old * options_.factor, options_.min_lr.at(g));
    if (old - reduced > options_.eps) optimizer_.set_lr(reduced, g);
  }
  cooldown_counter_ = options_.cooldown;
  num_bad_epochs_ = 0;
}

std::vector<double> ReduceLROnPlateau::get_last_lr() const {
  std::vector<double> rates;
  for (size_t g = 0; g < optimizer_.num_groups(); ++g) rates.push_back(optimizer_.lr(g));
  return rates;
}

StateDict ReduceLROnPlateau::state_dict() const {
  StateDict dict = {{"best", internal::option_tensor(best_)},
                    {"num_bad_epochs", internal::option_tensor(num_bad_epochs_)},
                    {"cooldown_counter", internal::option_tensor(cooldown_counter_)},
                    {"last_epoch", internal::option_tensor(last_epoch_)},
                    {"_last_lr", internal::option_tensor(get_last_lr())}};
  ReduceLROnPlateauOptions::visit(options_, [&](std::string_view name, const auto& value) {
    internal::save_option(dict, std::string(name), value);
  });
  return dict;
}

absl::Status ReduceLROnPlateau::load_state_dict(const StateDict& state) {
  ReduceLROnPlateauOptions options;
  double best = 0;
  int64_t bad = 0, cooldown = 0, epoch = 0;
  std::vector<double> rates;
  size_t used = 0;
  absl::Status status = internal::load_option(state, "best", best, used);
  status.Update(internal::load_option(state, "num_bad_epochs", bad, used));
  status.Update(internal::load_option(state, "cooldown_counter", cooldown, used));
  status.Update(internal::load_option(state, "last_epoch", epoch, used));
  status.Update(internal::load_option(state, "_last_lr", rates, used));
  ReduceLROnPlateauOptions::visit(options, [&](std::string_view name, auto& value) {
    status.Update(internal::load_option(state, std::string(name), value, used));
  });
  if (!status.ok()) return status;
  const size_t groups = optimizer_.num_groups();
  std::string problem = options.problem(groups);
  if (rates.size() != groups) {
    problem = absl::StrCat("the state has rates of ", rates.size(), " groups, the optimizer has ",
                           groups);
  }
  if (!problem.empty()) return absl::InvalidArgumentError(problem);
  options_ = std::move(options);
  best_ = best;
  num_bad_epochs_ = bad;
  cooldown_counter_ = cooldown;
  last_epoch_ = epoch;
  for (size_t g = 0; g < groups; ++g) optimizer_.set_lr(rates[g], g);
  return absl::OkStatus();
}

}  // namespace tessera::optim
