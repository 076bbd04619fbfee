// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/run.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "tessera/backends/conformance/layout.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/launch.h"

namespace tessera::conformance {
namespace {

// Before and after every output; a multiple of the alignment that buffers have.
constexpr int64_t kGuardBytes = 128;

// An output with guard bytes on both sides (and in the gaps of a strided one).
struct GuardedOutput {
  Tensor tensor;
  std::vector<bool> owned;  // by byte of the buffer: belongs to an element
};

GuardedOutput make_guarded(const TensorSpec& spec, const Device& device, Layout layout,
                           unsigned char fill) {
  const Placement p =
      place(spec.shape, layout == Layout::kStridedOutput ? Layout::kOffset : Layout::kDense);
  const int64_t size = itemsize(spec.dtype), guard = kGuardBytes / size;
  GuardedOutput out;
  out.owned.assign(2 * kGuardBytes + p.extent * size, false);
  for_each_place(spec.shape, p.strides, guard + p.offset, [&](int64_t place) {
    for (int64_t k = 0; k < size; ++k) out.owned[place * size + k] = true;
  });
  const std::vector<unsigned char> bytes(out.owned.size(), fill);
  Buffer buffer = value_or_raise(Buffer::allocate(device.state(), bytes.size()));
  raise_if_error(buffer.write(0, bytes.data(), bytes.size()));
  auto impl = make_ref<TensorImpl>();
  impl->storage = make_ref<Storage>(std::move(buffer));
  impl->shape = spec.shape;
  impl->strides = p.strides;
  impl->offset = guard + p.offset;
  impl->numel = spec.shape.numel();
  impl->dtype = spec.dtype;
  impl->contiguous = is_contiguous(impl->shape, impl->strides);
  out.tensor = Tensor(std::move(impl));
  return out;
}

std::vector<unsigned char> buffer_bytes(const Tensor& x) {
  const Buffer& buffer = x.impl().storage->buffer();
  std::vector<unsigned char> bytes(buffer.size());
  raise_if_error(buffer.read(0, bytes.data(), bytes.size()));
  return bytes;
}

std::string check_guards(const GuardedOutput& out, int k, unsigned char fill) {
  const std::vector<unsigned char> bytes = buffer_bytes(out.tensor);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i < out.owned.size() && !out.owned[i] && bytes[i] != fill) {
      return absl::StrCat("output ", k, ": byte ", static_cast<int64_t>(i) - kGuardBytes,
                          " from its start was written");
    }
  }
  return "";
}

std::vector<HostTensor> read_all(absl::Span<const Tensor> tensors) {
  std::vector<HostTensor> values;
  for (const Tensor& t : tensors) values.push_back(read(t));
  return values;
}

// Runs f, which may throw Error.
template <class F>
auto catching(F f) -> absl::StatusOr<decltype(f())> {
  try {
    return f();
  } catch (const Error& error) {
    return error.status();
  }
}

}  // namespace

namespace {

thread_local const TsrBackendApi* replaying_api = nullptr;
thread_local const TsrKernel* asked_kernel = nullptr;
thread_local TsrDevice* asked_device = nullptr;

TsrStatus replay(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  TsrGraph* graph = nullptr;
  TsrStatus status = replaying_api->graph_create(stream, &node, 1, &graph, message);
  if (status != TSR_OK) return status;
  status = replaying_api->graph_launch(graph, stream, message);
  replaying_api->graph_destroy(graph);
  return status;
}

// A kernel that makes a graph of its node and launches that.
constexpr TsrKernel kReplayKernel = {sizeof(TsrKernel), replay, nullptr};

TsrStatus ask(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  if (asked_kernel->supports == nullptr) return asked_kernel->launch(stream, node, message);
  return asked_kernel->supports(asked_device, node, message);
}

constexpr TsrKernel kAskingKernel = {sizeof(TsrKernel), ask, nullptr};

}  // namespace

std::vector<int> updated_inputs(const Case& c) {
  // Optimizer steps: ints[0] tensors of each kind; the gradients, which come second, stay.
  const int n = static_cast<int>(c.sample->attributes.ints[0]);
  std::vector<int> updated;
  for (int k = 0; k < static_cast<int>(c.sample->inputs.size()); ++k) {
    if (k / n != 1) updated.push_back(k);
  }
  return updated;
}

absl::StatusOr<KernelRun> run_kernel(const Case& c, const std::vector<HostInput>& inputs,
                                     const Device& device, unsigned char fill, How how) {
  NoGradGuard no_grad;
  DeviceState* state = device.state();
  const TsrKernel* kernel = find_kernel(state, *c.op);
  if (kernel == nullptr) return absl::UnimplementedError("no kernel");
  if (how == How::kReplay) {
    replaying_api = state->api;
    kernel = &kReplayKernel;
  } else if (how == How::kAsk) {
    asked_kernel = kernel;
    asked_device = state->handle;
    kernel = &kAskingKernel;
  }

  return [&]() -> absl::StatusOr<KernelRun> {
    try {
      std::vector<Tensor> tensors = device_inputs(c, inputs, device);
      const std::vector<const Tensor*> pointers = refs(tensors);
      InferContext context(*c.op, pointers, c.sample->attributes);
      if (absl::Status s = c.op->infer(context); !s.ok()) return s;

      std::vector<GuardedOutput> guarded;
      std::vector<Tensor> outputs;
      std::vector<bool> may_change(tensors.size(), false);
      if (c.op->has(kUpdatesInputs)) {
        for (int k : updated_inputs(c)) {
          outputs.push_back(tensors[k]);
          may_change[k] = true;
        }
      } else if (c.layout == Layout::kInPlace) {
        outputs.push_back(tensors[0]);
        may_change[0] = true;
      } else {
        for (const TensorSpec& spec : context.outputs) {
          guarded.push_back(make_guarded(spec, device, c.layout, fill));
          outputs.push_back(guarded.back().tensor);
        }
      }
      std::vector<std::vector<unsigned char>> before;
      for (const Tensor& t : tensors) {
        const bool stored = t.defined() && !t.impl().is_immediate;
        before.push_back(stored ? buffer_bytes(t) : std::vector<unsigned char>());
      }

      absl::Status status = launch(state, kernel, *c.op, pointers, c.sample->attributes, outputs);
      if (status.ok()) status = device.synchronize();
      if (!status.ok()) return status;

      KernelRun run;
      for (size_t k = 0; k < guarded.size() && run.guard.empty(); ++k) {
        run.guard = check_guards(guarded[k], static_cast<int>(k), fill);
      }
      for (size_t k = 0; k < tensors.size(); ++k) {
        if (before[k].empty() || may_change[k]) continue;
        if (buffer_bytes(tensors[k]) != before[k]) run.inputs = absl::StrCat("input ", k);
      }
      run.outputs = read_all(outputs);
      return run;
    } catch (const Error& error) {
      return error.status();
    }
  }();
}

absl::StatusOr<std::vector<HostTensor>> run_dispatch(const Case& c,
                                                     const std::vector<HostInput>& inputs,
                                                     const Device& device) {
  return catching([&] {
    NoGradGuard no_grad;
    std::vector<Tensor> tensors = device_inputs(c, inputs, device);
    std::vector<Tensor> outputs;
    const std::vector<const Tensor*> pointers = refs(tensors);
    if (c.op->has(kUpdatesInputs)) {
      for (int k : updated_inputs(c)) outputs.push_back(tensors[k]);
      dispatch_into(*c.op, pointers, c.sample->attributes, outputs);
    } else if (c.layout == Layout::kStridedOutput) {
      InferContext context(*c.op, pointers, c.sample->attributes);
      raise_if_error(c.op->infer(context));
      for (const TensorSpec& spec : context.outputs) {
        outputs.push_back(make_guarded(spec, device, c.layout, 0).tensor);
      }
      dispatch_into(*c.op, pointers, c.sample->attributes, outputs);
    } else {
      outputs = dispatch_all(*c.op, refs(tensors), c.sample->attributes, device);
    }
    raise_if_error(device.synchronize());
    return read_all(outputs);
  });
}

absl::StatusOr<std::vector<HostTensor>> run_decomposition(const Case& c,
                                                          const std::vector<HostInput>& inputs,
                                                          const Device& device) {
  return catching([&] {
    NoGradGuard no_grad;
    std::vector<Tensor> tensors = device_inputs(c, inputs, device);
    return read_all(c.op->decompose(refs(tensors), c.sample->attributes));
  });
}

}  // namespace tessera::conformance
