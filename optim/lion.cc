// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/lion.h"

#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"exp_avg"}};
constexpr StateLayout kLayout = {.optimizer = "Lion", .slots = kSlots};

}  // namespace

std::string LionOptions::problem() const {
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_betas(betas),
                                  internal::check_not_negative("weight_decay", weight_decay)});
}

Lion::Lion(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void Lion::step() {
  step_batches(internal::together, [](const LionOptions& o, const internal::StepBatch& batch) {
    lion_step(batch.params, batch.grads, internal::slot_tensors(batch, {0}),
              {.maximize = o.maximize,
               .lr = o.lr,
               .beta1 = o.betas.first,
               .beta2 = o.betas.second,
               .weight_decay = o.weight_decay});
  });
}

}  // namespace tessera::optim
