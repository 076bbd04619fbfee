// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/lr_scheduler.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::optim {
namespace {

void check(bool ok, const char* scheduler, const char* what) {
  if (!ok) raise(absl::InvalidArgumentError(absl::StrCat(scheduler, ": ", what)));
}

}  // namespace

LRScheduler::LRScheduler(Optimizer& optimizer) : optimizer_(optimizer) {
  for (size_t g = 0; g < optimizer.num_groups(); ++g) base_lrs_.push_back(optimizer.lr(g));
}

void LRScheduler::start() { set_rates(); }

void LRScheduler::step() {
  ++last_epoch_;
  set_rates();
}

void LRScheduler::set_rates() {
  for (size_t g = 0; g < base_lrs_.size(); ++g) {
    optimizer_.set_lr(next_lr(g, optimizer_.lr(g), base_lrs_[g]), g);
  }
}

std::vector<double> LRScheduler::get_last_lr() const {
  std::vector<double> rates;
  for (size_t g = 0; g < base_lrs_.size(); ++g) rates.push_back(optimizer_.lr(g));
  return rates;
}

StateDict LRScheduler::state_dict() const {
  return {{"last_epoch", tensor<int64_t>({last_epoch_}, Shape{})},
          {"base_lrs", tensor<double>(base_lrs_)},
          {"last_lrs", tensor<double>(get_last_lr())}};
}

absl::Status LRScheduler::load_state_dict(const StateDict& state) {
  const Tensor* epoch = state.find("last_epoch");
  const Tensor* base = state.find("base_lrs");
  const Tensor* last = state.find("last_lrs");
  const Shape groups = {static_cast<int64_t>(base_lrs_.size())};
  if (epoch == nullptr || base == nullptr || last == nullptr || epoch->numel() != 1 ||
      base->shape() != groups || last->shape() != groups) {
    return absl::InvalidArgumentError(
        absl::StrCat("the state has no 'last_epoch', 'base_lrs' and 'last_lrs' of ",
                     base_lrs_.size(), " groups"));
  }
  last_epoch_ = epoch->item<int64_t>();
  base_lrs_ = base->to_vector<double>();
  const std::vector<double> rates = last->to_vector<double>();
  for (size_t g = 0; g < rates.size(); ++g) optimizer_.set_lr(rates[g], g);
  return absl::OkStatus();
}

// ---- StepLR
// --------------------------------------------------------------------------------------

StepLR::StepLR(Optimizer& optimizer, const StepLROptions& options)
    : LRScheduler(optimizer), options_(options) {
  check(options.step_size >= 1, "StepLR", "step_size is below 1");
  start();
}

double StepLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  return last_epoch() > 0 && last_epoch() % options_.step_size == 0 ? lr * options_.gamma : lr;
}

// ---- MultiStepLR
// ---------------------------------------------------------------------------------

MultiStepLR::MultiStepLR(Optimizer& optimizer, const MultiStepLROptions& options)
    : LRScheduler(optimizer), options_(options) {
  start();
}

double MultiStepLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  const auto hits =
      std::count(options_.milestones.begin(), options_.milestones.end(), last_epoch());
  return hits == 0 ? lr : lr * std::pow(options_.gamma, hits);
}

// ---- ExponentialLR
// -------------------------------------------------------------------------------

ExponentialLR::ExponentialLR(Optimizer& optimizer, double gamma)
    : LRScheduler(optimizer), gamma_(gamma) {
  start();
}

double ExponentialLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  return last_epoch() == 0 ? lr : lr * gamma_;
}

// ---- LinearLR
// ------------------------------------------------------------------------------------

LinearLR::LinearLR(Optimizer& optimizer, const LinearLROptions& options)
    : LRScheduler(optimizer), options_(options) {
  check(options.start_factor > 0 && options.start_factor <= 1, "LinearLR",
        "start_factor is not in (0, 1]");
  check(options.end_factor >= 0 && options.end_factor <= 1, "LinearLR",
        "end_factor is not in [0, 1]");
  check(options.total_iters >= 1, "LinearLR", "total_iters is below 1");
  start();
}

double LinearLR::next_lr(size_t /*group*/, double lr, double /*base*/) const {
  const double slope =
      (options_.end_factor - options_.start_factor) / static_cast<double>(options_.total_iters);
  auto factor = [&](int64_t epoch) {
    return options_.start_factor + slope * static_cast<double>(epoch);
  };
  if (last_epoch() == 0) return lr * options_.start_factor;
  if (last_epoch() > options_.total_iters) return lr;
  return lr * (factor(last_epoch()) / factor(last_epoch() - 1));
}

// ---- LambdaLR
// ------------------------------------------------------------------------------------

LambdaLR::LambdaLR(Optimizer& optimizer, std::function<double(int64_t)> factor)
    : LRScheduler(optimizer), factor_(std::move(factor)) {
  start();
}

double LambdaLR::next_lr(size_t /*group*/, double /*lr*/, double base) const {
  return base * factor_(last_epoch());
}

// ---- CosineAnnealingLR
// ---------------------------------------------------------------------------

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options)
    : LRScheduler(optimizer), options_(options) {
  check(options.T_max >= 1, "CosineAnnealingLR", "T_max is below 1");
  start();
}

double CosineAnnealingLR::next_lr(size_t /*group*/, double lr, double base) const {
  if (last_epoch() == 0) return lr;
  // The wave's height above eta_min, as a part of base - eta_min.
  auto height = [&](int64_t epoch) {
    return (1 + std::cos(std::numbers::pi * static_cast<double>(epoch) /
                         static_cast<double>(options_.T_max))) /
           2;
  };
  // At the bottom the ratio of heights is 0 / 0; from there the wave starts from the base rate.
  if ((last_epoch() - 1) % (2 * options_.T_max) == options_.T_max) {
    return lr + (base - options_.eta_min) * height(last_epoch());
  }
  return options_.eta_min +
         (lr - options_.eta_min) * height(last_epoch()) / height(last_epoch() - 1);
}

}  // namespace tessera::optim
