// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/vjp_context.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "tessera/autograd/checkpoint_frame.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/autograd/tape.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/launch.h"

namespace tessera::autograd {
namespace {

[[noreturn]] void raise_not_saved(const GradNode& node, std::string_view what, int i) {
  raise(absl::InternalError(absl::StrCat(node.name(), ": its gradient reads ", what, " ", i,
                                         ", which saved_", what, "s of its OpDef does not name")));
}

}  // namespace

TapeVjpContext::TapeVjpContext(GradNode& node, bool create_graph)
    : node_(node), gradients_(node.inputs().size()) {
  if (node.extras() != nullptr && node.extras()->frame) [[unlikely]] {
    restore_from_frame(create_graph);
  }
  if (create_graph && node.op().saved_outputs != 0) {
    outputs_.resize(node.outputs().size());
    for (size_t i = 0; i < outputs_.size(); ++i) {
      const Tensor& saved = node.outputs()[i].saved;
      if (!saved.defined()) continue;
      outputs_[i] =
          alias_as_output(saved, RefPtr<GradNode>::share(&node), static_cast<uint32_t>(i));
    }
  }
}

void TapeVjpContext::restore_from_frame(bool create_graph) {
  const NodeExtras& extras = *node_.extras();
  CheckpointFrame& frame = *extras.frame;
  absl::Span<GradNode::Input> inputs = node_.inputs();
  inputs_.resize(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!is_named(node_.op().saved_inputs, i)) continue;
    const Edge& edge = inputs[i].edge;
    if (inputs[i].saved.defined()) {
      inputs_[i] = inputs[i].saved;
    } else if (const Tensor& value = frame.input(extras.frame_index, i);
               value.defined() && create_graph && edge.node) {
      inputs_[i] = alias_as_output(value, edge.node, edge.index);
    } else {
      inputs_[i] = value;
    }
  }
  outputs_.resize(node_.outputs().size());
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (!is_named(node_.op().saved_outputs, i)) continue;
    const Tensor& value = frame.output(extras.frame_index, i);
    outputs_[i] = create_graph ? alias_as_output(value, RefPtr<GradNode>::share(&node_),
                                                 static_cast<uint32_t>(i))
                               : value;
  }
}

const Tensor& TapeVjpContext::input(int i) const {
  if (!is_named(node_.op().saved_inputs, i)) [[unlikely]]
    raise_not_saved(node_, "input", i);
  return inputs_.empty() ? node_.inputs()[i].saved : inputs_[i];
}

const Tensor& TapeVjpContext::output(int i) const {
  if (!is_named(node_.op().saved_outputs, i)) [[unlikely]]
    raise_not_saved(node_, "output", i);
  return outputs_.empty() ? node_.outputs()[i].saved : outputs_[i];
}

Tensor TapeVjpContext::grad(int i) {
  const GradNode::Output& wanted = node_.outputs()[i];
  if (wanted.pending.defined()) return wanted.pending;
  for (const GradNode::Output& other : node_.outputs()) {
    if (!other.pending.defined()) continue;
    DeviceState* device = other.pending.impl().storage->device();
    Tensor zeros = value_or_raise(allocate(device, wanted.spec));
    zeros.fill_(0);
    return zeros;
  }
  raise(absl::InternalError(absl::StrCat(node_.name(), ": no gradient has arrived")));
}

Tensor TapeVjpContext::take_grad(int i) {
  Tensor& pending = node_.outputs()[i].pending;
  if (!pending.defined() || node_.captured || is_grad_enabled()) return grad(i);
  return std::move(pending);
}

void TapeVjpContext::set(int i, Tensor gradient) {
  if (!gradient.defined() || !needs(i)) return;
  const TensorSpec& spec = input_spec(i);
  if (gradient.shape() != spec.shape || gradient.dtype() != spec.dtype) [[unlikely]] {
    raise(absl::InternalError(absl::StrCat(node_.name(), ": its gradient for input ", i, " is ",
                                           gradient.shape().to_string(), " ",
                                           dtype_name(gradient.dtype()), ", the input is ",
                                           spec.shape.to_string(), " ", dtype_name(spec.dtype))));
  }
  gradients_[i] = std::move(gradient);
}

}  // namespace tessera::autograd
