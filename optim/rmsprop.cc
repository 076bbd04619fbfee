// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/rmsprop.h"

#include "absl/container/inlined_vector.h"
#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"square_avg"}, {"grad_avg"}, {"momentum_buffer"}};
constexpr StateLayout kLayout = {.optimizer = "RMSprop", .slots = kSlots};

}  // namespace

std::string RMSpropOptions::problem() const {
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_not_negative("alpha", alpha),
                                  internal::check_not_negative("eps", eps),
                                  internal::check_not_negative("weight_decay", weight_decay),
                                  internal::check_not_negative("momentum", momentum)});
}

RMSprop::RMSprop(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void RMSprop::step() {
  step_batches(internal::together, [](const RMSpropOptions& o, const internal::StepBatch& batch) {
    absl::InlinedVector<size_t, 3> slots = {0};
    if (o.centered) slots.push_back(1);
    if (o.momentum > 0) slots.push_back(2);
    rmsprop_step(batch.params, batch.grads, internal::slot_tensors(batch, slots),
                 {.centered = o.centered,
                  .has_momentum = o.momentum > 0,
                  .maximize = o.maximize,
                  .lr = o.lr,
                  .alpha = o.alpha,
                  .eps = o.eps,
                  .weight_decay = o.weight_decay,
                  .momentum = o.momentum});
  });
}

}  // namespace tessera::optim
