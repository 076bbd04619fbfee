// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/adam.h"

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/optimizer.h"

namespace tessera::optim {
namespace {

constexpr std::string_view kSlots[] = {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"};

}  // namespace

template <bool kDecoupled>
std::string AdamOptionsOf<kDecoupled>::problem() const {
  auto in_unit = [](double beta) { return beta >= 0 && beta < 1; };
  if (!(lr >= 0)) return absl::StrCat("lr is ", lr, ", not at least 0");
  if (!in_unit(betas.first) || !in_unit(betas.second)) {
    return absl::StrCat("betas are ", betas.first, " and ", betas.second, ", not in [0, 1)");
  }
  if (!(eps >= 0)) return absl::StrCat("eps is ", eps, ", not at least 0");
  if (!(weight_decay >= 0))
    return absl::StrCat("weight_decay is ", weight_decay, ", not at least 0");
  return "";
}

template <bool kDecoupled>
AdamOf<kDecoupled>::AdamOf(std::vector<Group> groups)
    : GroupedOptimizer<Options>(kDecoupled ? "AdamW" : "Adam", kSlots, /*has_step=*/true,
                                std::move(groups)) {}

template <bool kDecoupled>
void AdamOf<kDecoupled>::step() {
  NoGradGuard no_grad;
  this->for_each_group([](Group& group, absl::Span<ParamState> states) {
    const Options& o = group.options;
    auto batches = internal::make_batches(group.params, states,
                                          [](const ParamState& state) { return state.step; });
    for (const internal::StepBatch& batch : batches) {
      const int64_t step = batch.key + 1;
      std::vector<Tensor> largest;
      if (o.amsgrad) largest = internal::slot_tensors(batch, 2);
      adam_step(batch.params, batch.grads, internal::slot_tensors(batch, 0),
                internal::slot_tensors(batch, 1), largest,
                {.lr = o.lr,
                 .beta1 = o.betas.first,
                 .beta2 = o.betas.second,
                 .eps = o.eps,
                 .weight_decay = o.weight_decay,
                 .amsgrad = o.amsgrad,
                 .decoupled = kDecoupled,
                 .maximize = o.maximize,
                 .step = step});
      for (ParamState* state : batch.states) state->step = step;
    }
  });
}

template struct AdamOptionsOf<false>;
template struct AdamOptionsOf<true>;
template class AdamOf<false>;
template class AdamOf<true>;

}  // namespace tessera::optim
