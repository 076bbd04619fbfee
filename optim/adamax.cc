// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/adamax.h"

#include <cmath>

#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"exp_avg"}, {"exp_inf"}};
constexpr StateLayout kLayout = {.optimizer = "Adamax", .slots = kSlots};

}  // namespace

std::string AdamaxOptions::problem() const {
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_betas(betas),
                                  internal::check_not_negative("eps", eps),
                                  internal::check_not_negative("weight_decay", weight_decay)});
}

Adamax::Adamax(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void Adamax::step() {
  step_batches(internal::by_step, [](const AdamaxOptions& o, const internal::StepBatch& batch) {
    const double correction = 1 - std::pow(o.betas.first, static_cast<double>(batch.key.step + 1));
    adamax_step(batch.params, batch.grads, internal::slot_tensors(batch, {0, 1}),
                {.maximize = o.maximize,
                 .rate = o.lr / correction,
                 .beta1 = o.betas.first,
                 .beta2 = o.betas.second,
                 .eps = o.eps,
                 .weight_decay = o.weight_decay});
  });
}

}  // namespace tessera::optim
