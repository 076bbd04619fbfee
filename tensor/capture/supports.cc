// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/supports.h"

#include <algorithm>

#include "tessera/backends/runtime/device_state.h"

namespace tessera::capture {
namespace {

constexpr int kMaxImmediateRank = 64;
const int64_t kZeroStrides[kMaxImmediateRank] = {};

}  // namespace

void describe_form(const Operand& operand, const Shape& immediate_shape, TsrTensor* to) {
  *to = {};
  to->struct_size = sizeof(TsrTensor);
  to->dtype = static_cast<uint32_t>(operand.dtype);
  const bool immediate = operand.is_immediate();
  const Shape& shape = immediate ? immediate_shape : operand.shape;
  to->shape = shape.data();
  to->strides = immediate ? kZeroStrides : operand.strides.data();
  to->rank = static_cast<uint32_t>(shape.rank());
  if (!immediate) return;
  to->flags = TSR_TENSOR_IMMEDIATE;
  to->immediate[0] = operand.immediate;
  to->data = to->immediate;
}

bool supports(DeviceState* device, const Node& node) {
  if (node.kernel->supports == nullptr) return true;
  std::vector<TsrTensor> tensors(node.inputs.size() + node.outputs.size());
  std::vector<const TsrTensor*> pointers;
  const Shape& shape = node.outputs[0].shape;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const size_t outputs_from = node.inputs.size();
    describe_form(i < outputs_from ? node.inputs[i] : node.outputs[i - outputs_from], shape,
                  &tensors[i]);
    pointers.push_back(&tensors[i]);
  }
  TsrNode raw = {};
  raw.struct_size = sizeof(TsrNode);
  raw.op = node.op->name.data();
  raw.inputs = pointers.data();
  raw.outputs = pointers.data() + node.inputs.size();
  raw.n_inputs = static_cast<uint32_t>(node.inputs.size());
  raw.n_outputs = static_cast<uint32_t>(node.outputs.size());
  raw.ints = node.attributes.ints.data();
  raw.doubles = node.attributes.doubles.data();
  raw.n_ints = std::min(static_cast<uint32_t>(node.attributes.ints.size()), node.op->kernel_ints);
  raw.n_doubles = static_cast<uint32_t>(node.attributes.doubles.size());
  return node.kernel->supports(device->handle, &raw, nullptr) == TSR_OK;
}

}  // namespace tessera::capture
