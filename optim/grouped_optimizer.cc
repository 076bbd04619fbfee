// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/grouped_optimizer.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::optim::internal {
namespace {

std::string state_name(size_t index, std::string_view slot) {
  return absl::StrCat("state.", index, ".", slot);
}

Shape slot_shape(const Tensor& param, const StateSlot& slot) {
  return slot.shape == nullptr ? param.shape() : slot.shape(param.shape());
}

}  // namespace

void check_group(std::string_view optimizer, absl::Span<const Tensor> params,
                 std::vector<const TensorImpl*>& seen, const std::string& problem) {
  auto refuse = [&](auto... parts) {
    raise(absl::InvalidArgumentError(absl::StrCat(optimizer, ": ", parts...)));
  };
  if (!problem.empty()) refuse(problem);
  if (params.empty()) refuse("a group without parameters");
  absl::flat_hash_set<const TensorImpl*> known(seen.begin(), seen.end());
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor& p = params[i];
    if (!p.defined()) refuse("parameter ", i, " is undefined");
    if (!p.is_floating_point()) refuse("parameter ", i, " is ", dtype_name(p.dtype()));
    if (!p.is_leaf()) refuse("parameter ", i, " was computed from other tensors");
    if (!known.insert(&p.impl()).second) refuse("parameter ", i, " comes twice");
  }
}

void save_states(absl::Span<const ParamState> states, const StateLayout& layout, StateDict& out) {
  for (size_t i = 0; i < states.size(); ++i) {
    const ParamState& state = states[i];
    if (state.step == 0) continue;
    if (layout.has_step) out.set(state_name(i, "step"), option_tensor(state.step));
    if (!layout.number.empty()) out.set(state_name(i, layout.number), option_tensor(state.number));
    for (size_t s = 0; s < state.tensors.size(); ++s) {
      if (!state.tensors[s].defined()) continue;
      out.set(state_name(i, layout.slots[s].name), state.tensors[s].detach());
    }
  }
}

absl::Status load_states(const StateDict& dict, absl::Span<const Tensor> params,
                         const StateLayout& layout, std::vector<ParamState>& out, size_t& used) {
  NoGradGuard no_grad;
  out.assign(params.size(), {});
  for (size_t i = 0; i < params.size(); ++i) {
    absl::Status status;
    if (layout.has_step && dict.contains(state_name(i, "step"))) {
      status.Update(load_option(dict, state_name(i, "step"), out[i].step, used));
    }
    if (const std::string name = state_name(i, layout.number);
        !layout.number.empty() && dict.contains(name)) {
      status.Update(load_option(dict, name, out[i].number, used));
    }
    if (!status.ok()) return status;
    for (size_t s = 0; s < layout.slots.size(); ++s) {
      const StateSlot& slot = layout.slots[s];
      const Tensor* saved = dict.find(state_name(i, slot.name));
      if (saved == nullptr) continue;
      const Shape shape = slot_shape(params[i], slot);
      if (!saved->defined() || saved->shape() != shape) {
        return absl::InvalidArgumentError(absl::StrCat(
            "'", state_name(i, slot.name), "' of the optimizer's state has the shape ",
            saved->defined() ? saved->shape().to_string() : "of no tensor", ", its parameter ",
            params[i].shape().to_string(), ", which wants ", shape.to_string()));
      }
      out[i].tensors.resize(std::max(out[i].tensors.size(), s + 1));
      // A copy, so that later steps do not change what was loaded from.
      out[i].tensors[s] = saved->detach().to(params[i].device()).to(params[i].dtype()).clone();
      ++used;
      if (!layout.has_step) out[i].step = 1;
    }
  }
  return absl::OkStatus();
}

absl::Status check_all_used(std::string_view optimizer, const StateDict& dict, size_t used) {
  if (used == dict.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(optimizer, ": the state has ", dict.size(), " entries, of which ", used,
                   " belong to an optimizer of these groups: ", absl::StrJoin(dict.keys(), ", ")));
}

std::string option_name(size_t group, std::string_view option) {
  return absl::StrCat("param_groups.", group, ".", option);
}

std::vector<StepBatch> make_batches(absl::Span<const Tensor> params, absl::Span<ParamState> states,
                                    const std::function<BatchKey(const ParamState&)>& key) {
  std::vector<StepBatch> batches;
  for (size_t i = 0; i < params.size(); ++i) {
    Tensor gradient = params[i].grad();
    if (!gradient.defined()) continue;
    const TensorImpl& impl = params[i].impl();
    const BatchKey k = key(states[i]);
    StepBatch* batch = nullptr;
    for (StepBatch& candidate : batches) {
      const TensorImpl& other = candidate.params[0].impl();
      if (candidate.key == k && other.dtype == impl.dtype &&
          other.storage->device() == impl.storage->device()) {
        batch = &candidate;
        break;
      }
    }
    if (batch == nullptr) {
      batch = &batches.emplace_back();
      batch->key = k;
      batch->params.reserve(params.size());
      batch->grads.reserve(params.size());
      batch->states.reserve(params.size());
    }
    batch->params.push_back(params[i]);
    batch->grads.push_back(std::move(gradient));
    batch->states.push_back(&states[i]);
  }
  return batches;
}

Tensor& slot_tensor(const Tensor& param, ParamState& state, const StateSlot& layout, size_t slot,
                    double initial) {
  if (state.tensors.size() <= slot) state.tensors.resize(slot + 1);
  Tensor& tensor = state.tensors[slot];
  const TensorImpl& impl = param.impl();
  if (!tensor.defined()) {
    tensor =
        full(slot_shape(param, layout), initial, {.dtype = impl.dtype, .device = param.device()});
  } else if (tensor.impl().storage->device() != impl.storage->device() ||
             tensor.dtype() != impl.dtype) {
    tensor = tensor.to(param.device()).to(impl.dtype);
  }
  return tensor;
}

std::vector<Tensor> slot_tensors(const StepBatch& batch, absl::Span<const size_t> slots,
                                 double initial) {
  std::vector<Tensor> result;
  result.reserve(slots.size() * batch.params.size());
  for (size_t slot : slots) {
    for (size_t i = 0; i < batch.params.size(); ++i) {
      result.push_back(slot_tensor(batch.params[i], *batch.states[i], {}, slot, initial));
    }
  }
  return result;
}

StepGradients::StepGradients(std::vector<Tensor> params) : params_(std::move(params)) {
  for (const Tensor& p : params_) gradients_.push_back(p.grad());
}

void StepGradients::call_with(absl::FunctionRef<void()> work) const {
  std::vector<Tensor> present;
  present.reserve(params_.size());
  for (size_t i = 0; i < params_.size(); ++i) {
    Tensor p = params_[i];
    present.push_back(p.grad());
    p.set_grad(gradients_[i]);
  }
  work();
  for (size_t i = 0; i < params_.size(); ++i) Tensor(params_[i]).set_grad(present[i]);
}

}  // namespace tessera::optim::internal
