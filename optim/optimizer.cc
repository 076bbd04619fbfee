// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/optimizer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"

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
      if (!gradient.defined()) continue;
      if (set_to_none) {
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

double Optimizer::initial_lr(size_t group) {
  const double present = lr(group);
  if (initial_lrs_.size() <= group) initial_lrs_.resize(group + 1);
  if (!initial_lrs_[group].has_value()) initial_lrs_[group] = present;
  return *initial_lrs_[group];
}

void Optimizer::save_initial_lrs(StateDict& dict) const {
  for (size_t g = 0; g < initial_lrs_.size(); ++g) {
    if (initial_lrs_[g]) dict.set(initial_lr_name(g), tensor<double>({*initial_lrs_[g]}, Shape{}));
  }
}

absl::Status Optimizer::load_initial_lrs(const StateDict& dict,
                                         std::vector<std::optional<double>>& out,
                                         size_t& used) const {
  out.assign(num_groups(), std::nullopt);
  for (size_t g = 0; g < out.size(); ++g) {
    const Tensor* saved = dict.find(initial_lr_name(g));
    if (saved == nullptr) continue;
    if (!saved->defined() || saved->numel() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", initial_lr_name(g), "' of the optimizer's state is not one number"));
    }
    out[g] = saved->item<double>();
    ++used;
  }
  return absl::OkStatus();
}

}  // namespace tessera::optim
