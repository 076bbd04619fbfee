// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/radam.h"

#include <cmath>

#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"exp_avg"}, {"exp_avg_sq"}};
constexpr StateLayout kLayout = {.optimizer = "RAdam", .slots = kSlots};

double rectification(double rho, double rho_t) {
  return std::sqrt((rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t));
}

}  // namespace

std::string RAdamOptions::problem() const {
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_betas(betas),
                                  internal::check_not_negative("eps", eps),
                                  internal::check_not_negative("weight_decay", weight_decay)});
}

RAdam::RAdam(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void RAdam::step() {
  step_batches(internal::by_step, [](const RAdamOptions& o, const internal::StepBatch& batch) {
    const double t = static_cast<double>(batch.key.step + 1), beta2 = o.betas.second;
    const double correction2 = 1 - std::pow(beta2, t);
    const double rho = 2 / (1 - beta2) - 1;
    const double rho_t = rho - 2 * t * std::pow(beta2, t) / correction2;
    const bool adaptive = rho_t > 5;
    radam_step(
        batch.params, batch.grads, internal::slot_tensors(batch, {0, 1}),
        {.decoupled = o.decoupled_weight_decay && o.weight_decay != 0,
         .maximize = o.maximize,
         .adaptive = adaptive,
         .lr = o.lr,
         .beta1 = o.betas.first,
         .beta2 = beta2,
         .eps = o.eps,
         .weight_decay = o.weight_decay,
         .rate = o.lr / (1 - std::pow(o.betas.first, t)),
         .rectification = adaptive ? rectification(rho, rho_t) * std::sqrt(correction2) : 1});
  });
}

}  // namespace tessera::optim
