// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/nadam.h"

#include <cmath>

#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"exp_avg"}, {"exp_avg_sq"}};
constexpr StateLayout kLayout = {.optimizer = "NAdam", .slots = kSlots, .number = "mu_product"};

// The momentum of step t.
double momentum_at(double t, const NAdamOptions& o) {
  return o.betas.first * (1 - 0.5 * std::pow(0.96, t * o.momentum_decay));
}

internal::BatchKey by_step_and_product(const ParamState& state) {
  return {.step = state.step, .number = state.number};
}

}  // namespace

std::string NAdamOptions::problem() const {
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_betas(betas),
                                  internal::check_not_negative("eps", eps),
                                  internal::check_not_negative("weight_decay", weight_decay),
                                  internal::check_not_negative("momentum_decay", momentum_decay)});
}

NAdam::NAdam(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void NAdam::step() {
  step_batches(by_step_and_product, [](const NAdamOptions& o, const internal::StepBatch& batch) {
    const double t = static_cast<double>(batch.key.step + 1);
    const double mu = momentum_at(t, o), mu_next = momentum_at(t + 1, o);
    const double product = static_cast<float>(batch.key.number) * static_cast<float>(mu);
    nadam_step(batch.params, batch.grads, internal::slot_tensors(batch, {0, 1}),
               {.decoupled = o.decoupled_weight_decay && o.weight_decay != 0,
                .maximize = o.maximize,
                .lr = o.lr,
                .beta1 = o.betas.first,
                .beta2 = o.betas.second,
                .eps = o.eps,
                .weight_decay = o.weight_decay,
                .gradient_rate = o.lr * (1 - mu) / (1 - product),
                .mean_rate = o.lr * mu_next / (1 - product * mu_next),
                .correction = 1 - std::pow(o.betas.second, t)});
    for (ParamState* state : batch.states) state->number = product;
  });
}

}  // namespace tessera::optim
