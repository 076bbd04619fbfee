// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/adagrad.h"

#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"sum"}};
constexpr StateLayout kLayout = {.optimizer = "Adagrad", .slots = kSlots};

}  // namespace

std::string AdagradOptions::problem() const {
  return internal::first_problem(
      {internal::check_not_negative("lr", lr), internal::check_not_negative("lr_decay", lr_decay),
       internal::check_not_negative("weight_decay", weight_decay),
       internal::check_not_negative("initial_accumulator_value", initial_accumulator_value),
       internal::check_not_negative("eps", eps)});
}

Adagrad::Adagrad(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void Adagrad::step() {
  step_batches(internal::by_step, [](const AdagradOptions& o, const internal::StepBatch& batch) {
    adagrad_step(batch.params, batch.grads,
                 internal::slot_tensors(batch, {0}, o.initial_accumulator_value),
                 {.maximize = o.maximize,
                  .rate = o.lr / (1 + static_cast<double>(batch.key.step) * o.lr_decay),
                  .eps = o.eps,
                  .weight_decay = o.weight_decay});
  });
}

}  // namespace tessera::optim
