// SPDX-License-Identifier: Apache-2.0
//
// The methods of Tensor that tensor/tensor.h declares under "gradients".
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/autograd/engine.h"
#include "tessera/autograd/meta.h"
#include "tessera/autograd/tape.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

using autograd::find_meta;
using autograd::meta_of;
using autograd::node_of;

Tensor& Tensor::requires_grad_(bool value) {
  TensorImpl& self = impl();
  if (value == self.requires_grad) return *this;
  if (value && (!is_floating_point() || self.is_immediate)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("requires_grad_: only floating point tensors have gradients, not ",
                     self.is_immediate ? "a C++ number" : dtype_name(self.dtype))));
  }
  if (!value && node_of(self) != nullptr) {
    raise(absl::FailedPreconditionError(absl::StrCat(
        "requires_grad_: the tensor ", self.shape.to_string(), " was computed by ",
        node_of(self)->name(), " from one that requires a gradient; use detach() to cut it off")));
  }
  autograd::install_tape();
  self.requires_grad = value;
  if (step_recorder() == nullptr) invalidate_recordings();
  return *this;
}

bool Tensor::is_leaf() const { return node_of(impl()) == nullptr; }

Tensor Tensor::grad() const {
  const autograd::Meta* meta = find_meta(impl());
  return meta == nullptr ? Tensor() : meta->grad;
}

void Tensor::set_grad(Tensor grad) {
  if (grad.defined() && (grad.shape() != shape() || grad.dtype() != dtype())) {
    raise(absl::InvalidArgumentError(absl::StrCat(
        "set_grad: the gradient is ", grad.shape().to_string(), " ", dtype_name(grad.dtype()),
        ", the tensor is ", shape().to_string(), " ", dtype_name(dtype()))));
  }
  if (!grad.defined()) {
    if (StepRecorder* recorder = step_recorder()) recorder->on_gradient_cleared(impl());
  }
  if (!grad.defined() && find_meta(impl()) == nullptr) return;
  meta_of(impl()).grad = std::move(grad);
}

void Tensor::backward(const Tensor& gradient, bool retain_graph, bool create_graph) {
  autograd::BackwardPass pass(
      {.retain_graph = retain_graph || create_graph, .create_graph = create_graph});
  pass.add_root(*this, gradient);
  pass.run();
}

Tensor Tensor::detach() const { return alias(*this); }

void Tensor::register_hook(std::function<Tensor(const Tensor&)> hook) {
  if (!requires_grad()) {
    raise(absl::FailedPreconditionError(
        absl::StrCat("register_hook: the tensor ", shape().to_string(),
                     " does not require a gradient, so that none will come")));
  }
  autograd::Meta& meta = meta_of(impl());
  if (meta.node) {
    meta.node->mutable_extras().hooks.emplace_back(meta.index, std::move(hook));
  } else {
    meta.hooks.push_back(std::move(hook));
  }
}

}  // namespace tessera
