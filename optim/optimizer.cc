// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/optimizer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/optim/option_state.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::optim {

Tensor Optimizer::step(const Closure& closure) {
  Tensor loss = closure();
  step();
  return loss;
}

void Optimizer::zero_grad(bool set_to_none) {
  NoGradGuard no_grad;
  for (size_t group = 0; group < num_groups(); ++group) {
    for (Tensor p : parameters(group)) {
      Tensor gradient = p.grad();
      if (set_to_none || !gradient.defined()) {
        p.set_grad(Tensor());
      } else {
        gradient.detach().zero_();
      }
    }
  }
}

namespace {

double& rate_of(Optimizer& optimizer, size_t group) {
  double* rate = group < optimizer.num_groups() ? optimizer.find_option(group, "lr") : nullptr;
  if (rate == nullptr) {
    raise(absl::OutOfRangeError(
        absl::StrCat("group ", group, " of ", optimizer.num_groups(), " has no learning rate")));
  }
  return *rate;
}

std::string initial_lr_name(size_t group) {
  return absl::StrCat("param_groups.", group, ".initial_lr");
}

}  // namespace

double Optimizer::lr(size_t group) const { return rate_of(const_cast<Optimizer&>(*this), group); }
void Optimizer::set_lr(double lr, size_t group) { rate_of(*this, group) = lr; }

bool Optimizer::has_initial_lr(size_t group) const {
  return group < initial_lrs_.size() && initial_lrs_[group].has_value();
}

double Optimizer::initial_lr(size_t group) {
  if (!has_initial_lr(group)) set_initial_lr(lr(group), group);
  return *initial_lrs_[group];
}

void Optimizer::set_initial_lr(double lr, size_t group) {
  rate_of(*this, group);
  if (initial_lrs_.size() <= group) initial_lrs_.resize(group + 1);
  initial_lrs_[group] = lr;
}

void Optimizer::save_initial_lrs(StateDict& dict) const {
  for (size_t g = 0; g < initial_lrs_.size(); ++g) {
    internal::save_option(dict, initial_lr_name(g), initial_lrs_[g]);
  }
}

absl::Status Optimizer::load_initial_lrs(const StateDict& dict,
                                         std::vector<std::optional<double>>& out,
                                         size_t& used) const {
  out.assign(num_groups(), std::nullopt);
  for (size_t g = 0; g < out.size(); ++g) {
    absl::Status status = internal::load_option(dict, initial_lr_name(g), out[g], used);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace tessera::optim
