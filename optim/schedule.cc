// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/schedule.h"

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/capture_hooks.h"

namespace tessera::optim {

LRScheduler::LRScheduler(std::string_view name, Optimizer& optimizer, int64_t last_epoch)
    : optimizer_(optimizer), start_epoch_(last_epoch + 1) {
  internal::check_schedule(
      name, last_epoch >= -1 ? "" : absl::StrCat("last_epoch is ", last_epoch, ", below -1"));
  for (size_t g = 0; last_epoch != -1 && g < optimizer.num_groups(); ++g) {
    internal::check_schedule(
        name, optimizer.has_initial_lr(g)
                  ? ""
                  : absl::StrCat("param 'initial_lr' is not specified in param_groups[", g,
                                 "], which last_epoch ", last_epoch,
                                 " wants: load the optimizer's state first"));
  }
  for (size_t g = 0; g < optimizer.num_groups(); ++g) base_lrs_.push_back(optimizer.initial_lr(g));
}

double LRScheduler::first_lr(size_t /*group*/, double lr, double /*base*/) const { return lr; }

void LRScheduler::start() {
  last_epoch_ = start_epoch_;
  for (size_t g = 0; g < base_lrs_.size(); ++g) {
    const double lr = optimizer_.lr(g), base = base_lrs_[g];
    set_rate(g, start_epoch_ == 0 ? first_lr(g, lr, base) : resumed_lr(g, lr, base));
  }
  on_epoch();
}

void LRScheduler::restart() {
  last_epoch_ = 0;
  for (size_t g = 0; g < base_lrs_.size(); ++g) {
    set_rate(g, first_lr(g, base_lrs_[g], base_lrs_[g]));
  }
  on_epoch();
}

void LRScheduler::step() {
  if (step_recorder() != nullptr) return each_time([this] { step(); });
  ++last_epoch_;
  for (size_t g = 0; g < base_lrs_.size(); ++g) {
    set_rate(g, next_lr(g, optimizer_.lr(g), base_lrs_[g]));
  }
  on_epoch();
}

std::vector<double> LRScheduler::get_last_lr() const {
  std::vector<double> rates;
  for (size_t g = 0; g < base_lrs_.size(); ++g) rates.push_back(optimizer_.lr(g));
  return rates;
}

StateDict LRScheduler::state_dict() const {
  return {{"last_epoch", internal::option_tensor(last_epoch_)},
          {"base_lrs", internal::option_tensor(base_lrs_)},
          {"_last_lr", internal::option_tensor(get_last_lr())}};
}

absl::Status LRScheduler::load_state_dict(const StateDict& state) {
  int64_t epoch = 0;
  std::vector<double> base, last;
  size_t used = 0;
  absl::Status status = internal::load_option(state, "last_epoch", epoch, used);
  status.Update(internal::load_option(state, "base_lrs", base, used));
  status.Update(internal::load_option(state, "_last_lr", last, used));
  if (!status.ok()) return status;
  if (base.size() != base_lrs_.size() || last.size() != base_lrs_.size()) {
    return absl::InvalidArgumentError(absl::StrCat("the state has rates of ", base.size(), " and ",
                                                   last.size(), " groups, the optimizer has ",
                                                   base_lrs_.size()));
  }
  last_epoch_ = epoch;
  base_lrs_ = std::move(base);
  for (size_t g = 0; g < last.size(); ++g) set_rate(g, last[g]);
  return absl::OkStatus();
}

namespace internal {

void check_schedule(std::string_view schedule, const std::string& problem) {
  if (!problem.empty()) {
    raise(absl::InvalidArgumentError(absl::StrCat(schedule, ": ", problem)));
  }
}

std::string check_per_group(std::string_view name, const PerGroup& values, size_t groups) {
  if (values.values.size() == 1 || values.values.size() == groups) return "";
  return absl::StrCat(name, " has ", values.values.size(), " values, for ", groups, " groups");
}

}  // namespace internal
}  // namespace tessera::optim
