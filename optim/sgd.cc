// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/sgd.h"

#include "tessera/optim/option_checks.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr StateSlot kSlots[] = {{"momentum_buffer"}};
constexpr StateLayout kLayout = {.optimizer = "SGD", .slots = kSlots, .has_step = false};

}  // namespace

std::string SGDOptions::problem() const {
  std::string range = internal::first_problem(
      {internal::check_not_negative("lr", lr), internal::check_not_negative("momentum", momentum),
       internal::check_not_negative("weight_decay", weight_decay)});
  if (!range.empty()) return range;
  if (nesterov && !(momentum > 0 && dampening == 0)) {
    return "nesterov wants momentum above 0 and no dampening";
  }
  return "";
}

SGD::SGD(std::vector<Group> groups) : GroupedOptimizer(kLayout, std::move(groups)) {}

void SGD::step() {
  step_each_time([this] { step_groups(); });
}

void SGD::step_groups() {
  NoGradGuard no_grad;
  for_each_group([](Group& group, absl::Span<ParamState> states) {
    const SGDOptions& o = group.options;
    const bool has_momentum = o.momentum != 0;
    // Momentum starts as the first gradient, so parameters in their first step are a batch of their
    // own.
    auto batches = internal::make_batches(
        group.params, states, [&](const ParamState& state) -> internal::BatchKey {
          return {.step = has_momentum && state.step == 0 ? 1 : 0};
        });
    for (const internal::StepBatch& batch : batches) {
      std::vector<Tensor> momenta;
      if (has_momentum) momenta = internal::slot_tensors(batch, {0});
      sgd_step(batch.params, batch.grads, momenta,
               {.has_momentum = has_momentum,
                .nesterov = o.nesterov,
                .maximize = o.maximize,
                .first = batch.key.step != 0,
                .lr = o.lr,
                .momentum = o.momentum,
                .dampening = o.dampening,
                .weight_decay = o.weight_decay});
      if (!has_momentum) continue;
      for (ParamState* state : batch.states) ++state->step;
    }
  });
}

}  // namespace tessera::optim
