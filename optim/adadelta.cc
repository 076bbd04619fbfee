// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/adadelta.h"

#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"square_avg"}, {"acc_delta"}};
constexpr StateLayout kLayout = {.optimizer = "Adadelta", .slots = kSlots};

}  // namespace

std::string AdadeltaOptions::problem() const {
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_range(0, 1, "rho", rho),
                                  internal::check_not_negative("eps", eps),
                                  internal::check_not_negative("weight_decay", weight_decay)});
}

Adadelta::Adadelta(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void Adadelta::step() {
  step_batches(internal::together, [](const AdadeltaOptions& o, const internal::StepBatch& batch) {
    adadelta_step(batch.params, batch.grads, internal::slot_tensors(batch, {0, 1}),
                  {.maximize = o.maximize,
                   .lr = o.lr,
                   .rho = o.rho,
                   .eps = o.eps,
                   .weight_decay = o.weight_decay});
  });
}

}  // namespace tessera::optim
