// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/launch.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/dispatch.h"

namespace tessera {
namespace {

std::atomic<int32_t> next_op_id{0};
std::atomic<uint64_t> next_node_id{0};

constexpr int kInlineTensors = 8;

// Strides of an immediate, whatever its rank.
constexpr int kMaxImmediateRank = 64;
const int64_t kZeroStrides[kMaxImmediateRank] = {};

int32_t id_of(const OpDef& op) {
  int32_t id = op.id.load(std::memory_order_acquire);
  if (id >= 0) return id;
  int32_t fresh = next_op_id.fetch_add(1);
  if (fresh >= kMaxOps) raise(absl::ResourceExhaustedError("more ops than kMaxOps"));
  if (op.id.compare_exchange_strong(id, fresh)) return fresh;
  return id;
}

void describe(const TensorImpl& impl, TsrTensor* out) {
  const Buffer& buffer = impl.storage->buffer();
  int64_t offset = impl.offset * itemsize(impl.dtype);
  out->struct_size = sizeof(TsrTensor);
  out->data = static_cast<char*>(buffer.data()) + offset;
  out->buffer = buffer.raw();
  out->offset = static_cast<uint64_t>(offset);
  out->shape = impl.shape.data();
  out->strides = impl.strides.data();
  out->rank = static_cast<uint32_t>(impl.shape.rank());
  out->dtype = static_cast<uint32_t>(impl.dtype);
  out->flags = 0;
  out->reserved = 0;
}

void describe_immediate(const TensorImpl& impl, const Shape* shape, TsrTensor* out) {
  out->struct_size = sizeof(TsrTensor);
  out->immediate[0] = impl.immediate;
  out->data = out->immediate;
  out->buffer = nullptr;
  out->offset = 0;
  out->shape = shape == nullptr ? nullptr : shape->data();
  out->strides = kZeroStrides;
  out->rank = shape == nullptr ? 0 : static_cast<uint32_t>(shape->rank());
  out->dtype = static_cast<uint32_t>(impl.dtype);
  out->flags = TSR_TENSOR_IMMEDIATE;
  out->reserved = 0;
}

// Tells the recorder, with the immediates that were uploaded as the tensors that they became.
void record(StepRecorder* recorder, DeviceState* device, const TsrKernel* kernel, const OpDef& op,
            TensorRefs inputs, absl::Span<const Tensor> uploaded, const Attributes& attributes,
            absl::Span<const Tensor> outputs) {
  absl::InlinedVector<const Tensor*, kInlineTensors> given;
  size_t next = 0;
  for (const Tensor* input : inputs) {
    if (!input->defined()) continue;
    const bool was_uploaded =
        input->impl().is_immediate && !op.has(kElementwise) && !op.has(kTakesImmediates);
    given.push_back(was_uploaded ? &uploaded[next++] : input);
  }
  recorder->on_launch(device, kernel, op, given, attributes, outputs);
}

}  // namespace

absl::StatusOr<Tensor> allocate(DeviceState* device, const TensorSpec& spec) {
  auto impl = make_ref<TensorImpl>();
  impl->shape = spec.shape;
  impl->strides = contiguous_strides(spec.shape);
  impl->numel = spec.shape.numel();
  impl->dtype = spec.dtype;
  absl::StatusOr<Buffer> buffer =
      Buffer::allocate(device, static_cast<uint64_t>(impl->numel * itemsize(spec.dtype)));
  if (!buffer.ok()) return buffer.status();
  impl->storage = make_ref<Storage>(*std::move(buffer));
  if (StepRecorder* recorder = step_recorder()) recorder->on_allocate(*impl->storage);
  return Tensor(std::move(impl));
}

Tensor alias(const Tensor& tensor) {
  const TensorImpl& from = tensor.impl();
  auto impl = make_ref<TensorImpl>();
  impl->storage = from.storage;
  impl->shape = from.shape;
  impl->strides = from.strides;
  impl->offset = from.offset;
  impl->numel = from.numel;
  impl->dtype = from.dtype;
  impl->contiguous = from.contiguous;
  impl->is_immediate = from.is_immediate;
  impl->immediate = from.immediate;
  return Tensor(std::move(impl));
}

const TsrKernel* find_kernel(DeviceState* device, const OpDef& op) {
  return find_kernel(device, id_of(op), op.name.data());
}

absl::Status launch(DeviceState* device, const TsrKernel* kernel, const OpDef& op,
                    TensorRefs inputs, const Attributes& attributes,
                    absl::Span<const Tensor> outputs) {
  const size_t n_inputs = inputs.size(), n = n_inputs + outputs.size();
  absl::InlinedVector<TsrTensor, kInlineTensors> tensors(n);
  absl::InlinedVector<const TsrTensor*, kInlineTensors> pointers(n);
  absl::InlinedVector<Tensor, 1> uploaded;
  const Shape* out_shape =
      op.has(kElementwise) && !outputs.empty() ? &outputs[0].impl().shape : nullptr;
  size_t given = 0;  // optional inputs that are not given are left out at the end
  for (size_t i = 0; i < n_inputs; ++i) {
    if (!inputs[i]->defined()) continue;
    const TensorImpl& impl = inputs[i]->impl();
    if (!impl.is_immediate) {
      describe(impl, &tensors[given]);
    } else if (op.has(kElementwise) || op.has(kTakesImmediates)) {
      describe_immediate(impl, out_shape, &tensors[given]);
    } else {
      absl::StatusOr<Tensor> copy = allocate(device, {impl.dtype, {}});
      if (!copy.ok()) return copy.status();
      absl::Status status = copy->impl().storage->buffer().write(
          0, &impl.immediate, static_cast<uint64_t>(itemsize(impl.dtype)));
      if (!status.ok()) return status;
      describe(copy->impl(), &tensors[given]);
      uploaded.push_back(*std::move(copy));
    }
    pointers[given] = &tensors[given];
    ++given;
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    describe(outputs[i].impl(), &tensors[given + i]);
    pointers[given + i] = &tensors[given + i];
  }

  TsrNode node;
  node.struct_size = sizeof(TsrNode);
  node.op = op.name.data();  // names are literals, so NUL-terminated
  node.id = next_node_id.fetch_add(1, std::memory_order_relaxed);
  node.inputs = pointers.data();
  node.outputs = pointers.data() + given;
  node.n_inputs = static_cast<uint32_t>(given);
  node.n_outputs = static_cast<uint32_t>(outputs.size());
  node.ints = attributes.ints.data();
  node.doubles = attributes.doubles.data();
  node.n_ints = std::min(static_cast<uint32_t>(attributes.ints.size()), op.kernel_ints);
  node.n_doubles = static_cast<uint32_t>(attributes.doubles.size());

  PluginMessage message;
  TsrStatus code;
  {
    StreamLock lock(device);
    code = kernel->launch(device->stream, &node, message.get());
  }
  if (code == TSR_OK) [[likely]] {
    if (StepRecorder* recorder = step_recorder()) [[unlikely]] {
      record(recorder, device, kernel, op, inputs, uploaded, attributes, outputs);
    }
    return absl::OkStatus();
  }
  std::string_view text = message.text();
  if (code == TSR_UNIMPLEMENTED) {
    return absl::UnimplementedError(text.empty() ? "the kernel does not take this node" : text);
  }
  // The op's name once: plugins may or may not give it.
  if (text.substr(0, op.name.size()) == op.name) return make_status(code, message.text(), "");
  return make_status(code, message.text(), op.name);
}

void check_writable(const Tensor& tensor, std::string_view op) {
  const TensorImpl& impl = tensor.impl();
  if (impl.is_immediate) {
    raise(absl::InvalidArgumentError(absl::StrCat(op, ": cannot write into a C++ number")));
  }
  if (impl.requires_grad && dispatch_state().grad_mode) {
    raise(absl::FailedPreconditionError(
        absl::StrCat(op, ": cannot write into a tensor ", impl.shape.to_string(),
                     " that requires a gradient; use a NoGradGuard, or write into detach()")));
  }
  if (impl.storage->is_pinned()) {
    raise(absl::FailedPreconditionError(absl::StrCat(
        op, ": cannot write into a tensor ", impl.shape.to_string(),
        ": its present value is "
        "needed for the gradient of ",
        impl.storage->pinned_by(),
        "; call backward() first, clone() before writing, or compute under a NoGradGuard")));
  }
}

}  // namespace tessera
