// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/composed_lr.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/capture_hooks.h"

namespace tessera::optim {
namespace {

std::string prefix(size_t i) { return absl::StrCat("_schedulers.", i, "."); }

Optimizer& optimizer_of(const std::vector<LRScheduler*>& schedulers) {
  internal::check_schedule("ChainedScheduler", !schedulers.empty() && schedulers[0] != nullptr
                                                   ? ""
                                                   : "wants at least one schedule");
  return schedulers[0]->optimizer();
}

}  // namespace

ComposedScheduler::ComposedScheduler(std::string_view name, Optimizer& optimizer,
                                     std::vector<LRScheduler*> schedulers, int64_t last_epoch)
    : LRScheduler(name, optimizer, last_epoch), schedulers_(std::move(schedulers)) {
  internal::check_schedule(name, schedulers_.empty() ? "wants at least one schedule" : "");
  for (const LRScheduler* schedule : schedulers_) {
    internal::check_schedule(name, schedule == nullptr ? "a schedule is nullptr"
                                   : &schedule->optimizer() != &optimizer
                                       ? "a schedule is of another optimizer"
                                       : "");
  }
}

double ComposedScheduler::next_lr(size_t /*group*/, double lr, double /*base*/) const { return lr; }

void ComposedScheduler::reset_rates() {
  for (size_t g = 0; g < base_lrs().size(); ++g) set_rate(g, optimizer().initial_lr(g));
}

StateDict ComposedScheduler::state_dict() const {
  StateDict dict = LRScheduler::state_dict();
  for (size_t i = 0; i < schedulers_.size(); ++i) {
    dict.insert(prefix(i), schedulers_[i]->state_dict());
  }
  return dict;
}

absl::Status ComposedScheduler::load_state_dict(const StateDict& state) {
  const StateDict before = ComposedScheduler::state_dict();
  auto load = [&](const StateDict& dict) {
    absl::Status status;
    for (size_t i = 0; i < schedulers_.size(); ++i) {
      status.Update(schedulers_[i]->load_state_dict(dict.with_prefix(prefix(i))));
    }
    status.Update(LRScheduler::load_state_dict(dict));  // at last: sets the rates
    return status;
  };
  absl::Status status = load(state);
  if (!status.ok()) load(before).IgnoreError();
  return status;
}

// ---- ChainedScheduler
// ----------------------------------------------------------------------------

ChainedScheduler::ChainedScheduler(std::vector<LRScheduler*> schedulers)
    : ComposedScheduler("ChainedScheduler", optimizer_of(schedulers), schedulers) {}

void ChainedScheduler::step() {
  if (step_recorder() != nullptr) return each_time([this] { step(); });
  for (LRScheduler* schedule : schedulers_) schedule->step();
  set_last_epoch(last_epoch() + 1);
}

void ChainedScheduler::start() {
  for (LRScheduler* schedule : schedulers_) begin(*schedule);
  set_last_epoch(0);
}

void ChainedScheduler::restart() {
  reset_rates();
  start();
}

// ---- SequentialLR
// --------------------------------------------------------------------------------

SequentialLR::SequentialLR(Optimizer& optimizer, std::vector<LRScheduler*> schedulers,
                           std::vector<int64_t> milestones, int64_t last_epoch)
    : ComposedScheduler("SequentialLR", optimizer, std::move(schedulers), last_epoch),
      milestones_(std::move(milestones)) {
  internal::check_schedule(
      "SequentialLR",
      milestones_.size() + 1 == schedulers_.size()
          ? ""
          : absl::StrCat(schedulers_.size(), " schedules want ", schedulers_.size() - 1,
                         " milestones, got ", milestones_.size()));
  reset_rates();
  start();
}

size_t SequentialLR::turn(int64_t epoch) const {
  return static_cast<size_t>(std::upper_bound(milestones_.begin(), milestones_.end(), epoch) -
                             milestones_.begin());
}

void SequentialLR::start() {
  set_last_epoch(start_epoch());
  begin(*schedulers_[turn(0)]);
}

void SequentialLR::restart() {
  reset_rates();
  start();
  set_last_epoch(0);
}

void SequentialLR::step() {
  if (step_recorder() != nullptr) return each_time([this] { step(); });
  set_last_epoch(last_epoch() + 1);
  const size_t now = turn(last_epoch());
  if (now > 0 && milestones_[now - 1] == last_epoch()) {
    begin_again(*schedulers_[now]);
  } else {
    schedulers_[now]->step();
  }
}

StateDict SequentialLR::state_dict() const {
  StateDict dict = ComposedScheduler::state_dict();
  dict.set("_milestones", internal::option_tensor(milestones_));
  return dict;
}

absl::Status SequentialLR::load_state_dict(const StateDict& state) {
  std::vector<int64_t> milestones;
  size_t used = 0;
  absl::Status status = internal::load_option(state, "_milestones", milestones, used);
  if (!status.ok()) return status;
  if (milestones.size() != milestones_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the state has ", milestones.size(), " milestones, the schedule ", milestones_.size()));
  }
  status = ComposedScheduler::load_state_dict(state);
  if (status.ok()) milestones_ = std::move(milestones);
  return status;
}

}  // namespace tessera::optim
