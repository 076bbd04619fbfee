// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/sgd.h"

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr std::string_view kSlots[] = {"momentum_buffer"};

}  // namespace

std::string SGDOptions::problem() const {
  if (!(lr >= 0)) return absl::StrCat("lr is ", lr, ", not at least 0");
  if (!(momentum >= 0)) return absl::StrCat("momentum is ", momentum, ", not at least 0");
  if (!(weight_decay >= 0))
    return absl::StrCat("weight_decay is ", weight_decay, ", not at least 0");
  if (nesterov && !(momentum > 0 && dampening == 0)) {
    return "nesterov wants momentum above 0 and no dampening";
  }
  return "";
}

SGD::SGD(std::vector<Group> groups)
    : GroupedOptimizer("SGD", kSlots, /*has_step=*/false, std::move(groups)) {}

void SGD::step() {
  NoGradGuard no_grad;
  for_each_group([](Group& group, absl::Span<ParamState> states) {
    const SGDOptions& o = group.options;
    const bool has_momentum = o.momentum != 0;
    // Momentum starts as the first gradient, so parameters in their first step are a batch of their
    // own.
    auto batches = internal::make_batches(
        group.params, states,
        [&](const ParamState& state) -> int64_t { return has_momentum && state.step == 0; });
    for (const internal::StepBatch& batch : batches) {
      std::vector<Tensor> momenta;
      if (has_momentum) momenta = internal::slot_tensors(batch, 0);
      sgd_step(batch.params, batch.grads, momenta,
               {.lr = o.lr,
                .momentum = o.momentum,
                .dampening = o.dampening,
                .weight_decay = o.weight_decay,
                .nesterov = o.nesterov,
                .maximize = o.maximize,
                .first = batch.key != 0});
      if (!has_momentum) continue;
      for (ParamState* state : batch.states) ++state->step;
    }
  });
}

}  // namespace tessera::optim
