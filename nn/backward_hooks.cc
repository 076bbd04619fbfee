// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/backward_hooks.h"

#include "tessera/autograd/function.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn::internal {
namespace {

// Puts the tensors that require a gradient through one node with the gradient `vjp`, which gets
// their places. Returns whether there are any.
using Places = std::vector<size_t>;

bool watch(const char* name, absl::Span<Tensor* const> tensors,
           const std::function<void(VjpContext&, const Places&)>& vjp) {
  Places places;
  std::vector<Tensor> watched;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i] == nullptr || !tensors[i]->defined() || !tensors[i]->requires_grad()) continue;
    places.push_back(i);
    watched.push_back(*tensors[i]);
  }
  if (places.empty()) return false;
  std::vector<Tensor> passed = autograd::custom_function(
      name, watched, [&] { return watched; }, [places, vjp](VjpContext& c) { vjp(c, places); });
  for (size_t k = 0; k < places.size(); ++k) *tensors[places[k]] = passed[k];
  return true;
}

void put_gradients(VjpContext& c, const Places& places, Gradients& out) {
  for (size_t k = 0; k < places.size(); ++k) {
    const int i = static_cast<int>(k);
    if (c.has_grad(i)) out[places[k]] = c.grad(i);
  }
}

void pass_gradients(VjpContext& c, const Places& places, const Gradients& gradients) {
  for (size_t k = 0; k < places.size(); ++k) {
    const int i = static_cast<int>(k);
    if (c.needs(i) && gradients[places[k]].defined()) c.set(i, gradients[places[k]]);
  }
}

}  // namespace

struct WatchedCall::Shared {
  BackwardFunctions functions;
  size_t num_inputs = 0;
  bool inputs_are_watched = false;
  Gradients grad_output;  // left by the outputs' node, which the backward pass comes by first
};

WatchedCall::WatchedCall(BackwardFunctions functions) : shared_(std::make_shared<Shared>()) {
  shared_->functions = std::move(functions);
}

void WatchedCall::watch_inputs(absl::Span<Tensor* const> inputs) {
  shared_->num_inputs = inputs.size();
  if (!dispatch_state().grad_mode) return;
  shared_->inputs_are_watched =
      watch("module_input", inputs, [shared = shared_](VjpContext& c, const Places& places) {
        Gradients grad_input(shared->num_inputs);
        put_gradients(c, places, grad_input);
        shared->functions.after(grad_input, shared->grad_output);
        pass_gradients(c, places, grad_input);
      });
}

void WatchedCall::watch_outputs(absl::Span<Tensor* const> outputs) {
  if (!dispatch_state().grad_mode) return;
  watch("module_output", outputs,
        [shared = shared_, n = outputs.size()](VjpContext& c, const Places& places) {
          Gradients& grad_output = shared->grad_output;
          grad_output.assign(n, Tensor());
          put_gradients(c, places, grad_output);
          shared->functions.before(grad_output);
          if (!shared->inputs_are_watched) {
            Gradients none(shared->num_inputs);
            shared->functions.after(none, grad_output);
          }
          pass_gradients(c, places, grad_output);
        });
}

}  // namespace tessera::nn::internal
