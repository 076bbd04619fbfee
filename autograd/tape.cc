// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/tape.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/autograd/checkpoint_frame.h"
#include "tessera/autograd/meta.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/module_scope.h"

namespace tessera::autograd {
namespace {

constinit thread_local TapeState state;

void set_edge(const Tensor& input, Edge& edge) {
  TensorImpl& impl = input.impl();
  if (!impl.requires_grad) return;
  if (const Meta* meta = find_meta(impl); meta != nullptr && meta->node) {
    edge.node = meta->node;
    edge.index = meta->index;
  } else {
    edge.leaf = input.ptr();
  }
}

void make_output(TensorImpl& impl, RefPtr<GradNode> node, uint32_t index) {
  impl.requires_grad = true;
  auto meta = std::make_unique<Meta>();
  meta->node = std::move(node);
  meta->index = index;
  delete std::exchange(impl.autograd, meta.release());
}

std::string module_path() {
  std::string path = ModuleScope::path();
  if (state.running == nullptr) return path;
  // An op of a gradient that is recorded itself (create_graph).
  std::string name = "gradient of " + std::string(state.running->name());
  const NodeExtras* extras = state.running->extras();
  if (extras == nullptr || extras->module_path.empty()) return name;
  return name + " in " + extras->module_path;
}

// Makes the node and its edges; saves nothing.
RefPtr<GradNode> connect(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                         absl::Span<Tensor> outputs) {
  RefPtr<GradNode> node = GradNode::make(op, attributes, inputs.size(), outputs.size());
  absl::Span<GradNode::Input> node_inputs = node->inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i]->defined()) continue;
    const TensorImpl& impl = inputs[i]->impl();
    node_inputs[i].spec.dtype = impl.dtype;
    node_inputs[i].spec.shape = impl.shape;
    set_edge(*inputs[i], node_inputs[i].edge);
  }
  absl::Span<GradNode::Output> node_outputs = node->outputs();
  for (size_t i = 0; i < outputs.size(); ++i) {
    // A decomposition may have handed an input through.
    for (const Tensor* input : inputs) {
      if (outputs[i].is_same(*input)) [[unlikely]]
        outputs[i] = alias(outputs[i]);
    }
    TensorImpl& impl = outputs[i].impl();
    node_outputs[i].spec.dtype = impl.dtype;
    node_outputs[i].spec.shape = impl.shape;
    if (requires_gradient(op, impl, i)) make_output(impl, node, static_cast<uint32_t>(i));
  }
  if (state.keeps_module_paths) [[unlikely]]
    node->mutable_extras().module_path = module_path();
  return node;
}

bool is_stand_in(const TensorImpl& impl) {
  for (const StandInEntry* entry = state.stand_ins; entry != nullptr; entry = entry->next) {
    if (entry->target == &impl) return true;
  }
  return false;
}

// `input`, or its present value by itself where its handle will stand for another one.
Tensor lasting(const Tensor& input) {
  if (!input.defined() || !is_stand_in(input.impl())) return input;
  const Meta* meta = find_meta(input.impl());
  if (meta == nullptr || !meta->node) return alias(input);
  return alias_as_output(input, meta->node, meta->index);
}

constexpr TapeHook kHook = {
    .record = [](const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                 absl::Span<Tensor> outputs) { record(op, inputs, attributes, outputs); }};

}  // namespace

TapeState& tape_state() { return state; }

void install_tape() {
  gradient_access().get = [](const Tensor& leaf) { return leaf.grad(); };
  gradient_access().set = [](Tensor leaf, Tensor gradient) { leaf.set_grad(std::move(gradient)); };
  set_tape_hook(&kHook);
}

Tensor alias_as_output(const Tensor& tensor, RefPtr<GradNode> node, uint32_t index) {
  Tensor result = alias(tensor);
  if (!requires_gradient(node->op(), result.impl(), index)) return result;
  make_output(result.impl(), std::move(node), index);
  return result;
}

RefPtr<GradNode> record(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                        absl::Span<Tensor> outputs) {
  if (state.replayed != nullptr) [[unlikely]] {
    state.replayed->replay(op, inputs, outputs);
    return nullptr;
  }
  RefPtr<GradNode> node = connect(op, inputs, attributes, outputs);
  if (state.frame != nullptr) [[unlikely]] {
    if (state.stand_ins != nullptr) {
      raise(absl::UnimplementedError(
          absl::StrCat(op.name,
                       ": a checkpoint cannot record it while a parameter stands for "
                       "another value: it would compute again with the parameter's own")));
    }
    state.frame->add(*node, inputs);
    return node;
  }
  if (op.saved_inputs != 0) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!is_named(op.saved_inputs, i)) continue;
      if (state.stand_ins == nullptr) [[likely]] {
        node->save_input(i, *inputs[i]);
      } else {
        node->save_input(i, lasting(*inputs[i]));
      }
    }
  }
  if (op.saved_outputs != 0) {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (is_named(op.saved_outputs, i)) node->save_output(i, alias(outputs[i]));
    }
  }
  return node;
}

}  // namespace tessera::autograd

extern "C" void tessera_install_tape() { tessera::autograd::install_tape(); }
