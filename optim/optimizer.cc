// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/optimizer.h"

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
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

}  // namespace

double Optimizer::lr(size_t group) const { return rate_of(const_cast<Optimizer&>(*this), group); }
void Optimizer::set_lr(double lr, size_t group) { rate_of(*this, group) = lr; }

}  // namespace tessera::optim
