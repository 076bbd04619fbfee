// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/adam.h"

#include "absl/container/inlined_vector.h"
#include "tessera/optim/option_checks.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"exp_avg"}, {"exp_avg_sq"}, {"max_exp_avg_sq"}};

constexpr StateLayout layout(bool decoupled) {
  return {.optimizer = decoupled ? "AdamW" : "Adam", .slots = kSlots};
}

}  // namespace

template <bool kDecoupled>
std::string AdamOptionsOf<kDecoupled>::problem() const {
  return internal::first_problem({internal::check_not_negative("lr", lr),
                                  internal::check_betas(betas),
                                  internal::check_not_negative("eps", eps),
                                  internal::check_not_negative("weight_decay", weight_decay)});
}

template <bool kDecoupled>
AdamOf<kDecoupled>::AdamOf(std::vector<Group> groups)
    : GroupedOptimizer<Options>(layout(kDecoupled), std::move(groups)) {}

template <bool kDecoupled>
void AdamOf<kDecoupled>::step() {
  this->step_batches(internal::by_step, [](const Options& o, const internal::StepBatch& batch) {
    absl::InlinedVector<size_t, 3> slots = {0, 1};
    if (o.amsgrad) slots.push_back(2);
    adam_step(batch.params, batch.grads, internal::slot_tensors(batch, slots),
              {.amsgrad = o.amsgrad,
               .decoupled = kDecoupled,
               .maximize = o.maximize,
               .step = batch.key.step + 1,
               .lr = o.lr,
               .beta1 = o.betas.first,
               .beta2 = o.betas.second,
               .eps = o.eps,
               .weight_decay = o.weight_decay});
  });
}

template struct AdamOptionsOf<false>;
template struct AdamOptionsOf<true>;
template class AdamOf<false>;
template class AdamOf<true>;

}  // namespace tessera::optim
