// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/dispatch.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/module_scope.h"

// Defined by //autograd, if it is linked.
extern "C" __attribute__((weak)) void tessera_install_tape();

namespace tessera {
namespace {

std::atomic<const TapeHook*> tape_hook{nullptr};

[[noreturn]] void raise_in_module(const absl::Status& status) {
  std::string path = ModuleScope::path();
  if (path.empty()) raise(status);
  raise(absl::Status(status.code(), absl::StrCat(path, ": ", status.message())));
}

const TapeHook& the_tape(const OpDef& op) {
  const TapeHook* hook = tape_hook.load(std::memory_order_acquire);
  if (hook == nullptr) {
    if (tessera_install_tape != nullptr) tessera_install_tape();
    hook = tape_hook.load(std::memory_order_acquire);
    if (hook == nullptr) {
      raise(absl::FailedPreconditionError(
          absl::StrCat(op.name, ": an input requires a gradient, but //autograd is not linked")));
    }
  }
  return *hook;
}

// The device that inputs agree on; nullptr if all are immediates.
DeviceState* common_device(const OpDef& op, TensorRefs inputs) {
  DeviceState* device = nullptr;
  for (const Tensor* input : inputs) {
    if (!input->defined() || input->impl().is_immediate) continue;
    DeviceState* own = input->impl().storage->device();
    if (device == nullptr) device = own;
    if (own != device) [[unlikely]] {
      raise_in_module(absl::InvalidArgumentError(
          absl::StrCat(op.name, ": inputs are on different devices: ", device->name, " and ",
                       own->name, "; move one with to()")));
    }
  }
  return device;
}

Tensor make_view(const Tensor& base, InferContext& context) {
  const TensorImpl& from = base.impl();
  auto impl = make_ref<TensorImpl>();
  impl->storage = from.storage;
  impl->shape = std::move(context.outputs[0].shape);
  impl->strides = std::move(context.view_strides);
  impl->offset = context.view_offset;
  impl->numel = impl->shape.numel();
  impl->dtype = from.dtype;
  impl->contiguous = is_contiguous(impl->shape, impl->strides);
  return Tensor(std::move(impl));
}

// ---- Fallbacks ----

absl::Mutex fallback_mutex(absl::kConstInit);
using FallbackMap = std::map<std::tuple<std::string, std::string, std::string>, int64_t>;
FallbackMap& fallback_counts() {
  static auto* counts = new FallbackMap;
  return *counts;
}

std::vector<Tensor> run_decomposition(const OpDef& op, TensorRefs inputs,
                                      const Attributes& attributes, DeviceState* device,
                                      const absl::Status& why) {
  if (op.decompose == nullptr) raise_in_module(why);
  {
    absl::MutexLock lock(&fallback_mutex);
    ++fallback_counts()[{std::string(op.name), device->name, std::string(why.message())}];
  }
  // With a vjp the op is one entry of the tape; without, its parts are.
  if (op.vjp == nullptr) return op.decompose(inputs, attributes);
  NoGradGuard no_grad;
  return op.decompose(inputs, attributes);
}

// Why an op that has no decomposition does not run.
absl::Status explain_missing(const InferContext& context, DeviceState* device,
                             const TsrKernel* kernel, const absl::Status& status) {
  if (kernel == nullptr && context.op().has(kOptional)) {
    return absl::UnimplementedError(
        absl::StrCat(context.op().name, ": the backend of ", device->name,
                     " has no kernel for it; move the inputs with .to(\"cpu\")"));
  }
  return context.annotate(status);
}

bool all_immediates(TensorRefs inputs) {
  return std::all_of(inputs.begin(), inputs.end(),
                     [](const Tensor* input) { return input->impl().is_immediate; });
}

bool all_dense(absl::Span<const Tensor> tensors) {
  return std::all_of(tensors.begin(), tensors.end(),
                     [](const Tensor& t) { return t.is_contiguous(); });
}

bool wants_gradient(TensorRefs inputs) {
  for (const Tensor* input : inputs) {
    if (input->defined() && input->impl().requires_grad) return true;
  }
  return false;
}

// ---- Results in the memory of an input ----

// Whether the result may take the place of `input`, which the caller gives up. What the tape reads
// later has another owner, or will have one after the op: then its storage has to stay as it is.
bool can_be_replaced(const OpDef& op, const Tensor& input, const TensorSpec& result,
                     bool recorded) {
  const TensorImpl& impl = input.impl();
  if (impl.is_immediate || impl.use_count() != 1 || impl.storage->use_count() != 1) return false;
  if (recorded && ((op.saved_inputs & 1) != 0 || !impl.requires_grad)) return false;
  return op.has(kElementwise) && dispatch_state().observer == nullptr &&
         !impl.storage->is_pinned() && impl.contiguous && impl.dtype == result.dtype &&
         impl.shape == result.shape;
}

// ---- The one path ----

using Outputs = absl::InlinedVector<Tensor, 2>;

void run(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
         std::optional<Device> where, Outputs& outputs, bool gives_first = false) {
  DispatchState& state = dispatch_state();
  InferContext context(op, inputs, attributes);
  if (absl::Status status = op.infer(context); !status.ok()) [[unlikely]]
    raise_in_module(status);

  if (op.has(kView)) {
    outputs.push_back(make_view(*inputs[0], context));
  } else {
    DeviceState* device = common_device(op, inputs);
    if (where.has_value()) device = where->state();
    if (device == nullptr) device = Device().state();
    const TsrKernel* kernel = find_kernel(device, op);
    absl::Status status;
    if (kernel != nullptr) {
      for (const TensorSpec& spec : context.outputs) {
        if (gives_first &&
            can_be_replaced(op, *inputs[0], spec, state.grad_mode && wants_gradient(inputs))) {
          outputs.push_back(alias(*inputs[0]));
          continue;
        }
        absl::StatusOr<Tensor> output = allocate(device, spec);
        if (!output.ok()) [[unlikely]]
          raise_in_module(context.annotate(output.status()));
        outputs.push_back(*std::move(output));
      }
      status = launch(device, kernel, op, inputs, attributes, outputs);
    } else {
      status = absl::UnimplementedError("no kernel");
    }
    if (!status.ok()) [[unlikely]] {
      if (status.code() != absl::StatusCode::kUnimplemented) raise_in_module(status);
      if (op.decompose == nullptr) status = explain_missing(context, device, kernel, status);
      std::vector<Tensor> results = run_decomposition(op, inputs, attributes, device, status);
      outputs.assign(results.begin(), results.end());
    }
  }

  if (state.observer != nullptr) [[unlikely]] {
    state.observer->on_dispatch(op, inputs, attributes, outputs);
  }
  if (state.grad_mode) record_on_tape(op, inputs, attributes, absl::MakeSpan(outputs));
}

}  // namespace

void record_on_tape(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                    absl::Span<Tensor> outputs) {
  if (op.vjp == nullptr || !dispatch_state().grad_mode || !wants_gradient(inputs)) return;
  the_tape(op).record(op, inputs, attributes, outputs);
}

void raise_op_error(std::string_view op, const absl::Status& status) {
  raise_in_module(absl::Status(status.code(), absl::StrCat(op, ": ", status.message())));
}

void set_tape_hook(const TapeHook* hook) { tape_hook.store(hook, std::memory_order_release); }

DispatchState& dispatch_state() {
  thread_local DispatchState state;
  return state;
}

ScopedObserver::ScopedObserver(DispatchObserver* observer) : previous_(dispatch_state().observer) {
  dispatch_state().observer = observer;
}
ScopedObserver::~ScopedObserver() { dispatch_state().observer = previous_; }

Tensor dispatch(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                std::optional<Device> device) {
  Outputs outputs;
  run(op, inputs, attributes, device, outputs);
  return std::move(outputs[0]);
}

Tensor dispatch_over(const OpDef& op, Tensor&& first, std::initializer_list<const Tensor*> rest,
                     const Attributes& attributes) {
  absl::InlinedVector<const Tensor*, 3> inputs = {&first};
  inputs.insert(inputs.end(), rest.begin(), rest.end());
  Outputs outputs;
  run(op, inputs, attributes, std::nullopt, outputs, /*gives_first=*/true);
  first = Tensor();
  return std::move(outputs[0]);
}

std::vector<Tensor> dispatch_all(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                                 std::optional<Device> device) {
  Outputs outputs;
  run(op, inputs, attributes, device, outputs);
  return {std::make_move_iterator(outputs.begin()), std::make_move_iterator(outputs.end())};
}

void dispatch_into(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                   absl::Span<const Tensor> outputs) {
  DispatchState& state = dispatch_state();
  InferContext context(op, inputs, attributes);
  if (absl::Status status = op.infer(context); !status.ok()) [[unlikely]]
    raise_in_module(status);
  if (context.outputs.size() != outputs.size()) {
    raise_in_module(absl::InternalError(absl::StrCat(op.name, ": ", context.outputs.size(),
                                                     " outputs, ", outputs.size(), " targets")));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    TensorSpec& spec = context.outputs[i];
    // Numbers alone fill any shape.
    if (op.has(kElementwise) && all_immediates(inputs)) spec.shape = outputs[i].shape();
    if (outputs[i].shape() != spec.shape || outputs[i].dtype() != spec.dtype) {
      raise_in_module(
          context.invalid("writes ", spec.shape.to_string(), " ", dtype_name(spec.dtype), " into ",
                          outputs[i].shape().to_string(), " ", dtype_name(outputs[i].dtype())));
    }
    check_writable(outputs[i], op.name);
  }
  if (state.grad_mode && !op.has(kUpdatesInputs) && wants_gradient(inputs)) {
    raise_in_module(absl::FailedPreconditionError(absl::StrCat(
        op.name,
        ": writing a value that requires a gradient into an existing tensor would lose "
        "the gradient; use the op that returns a new tensor, or detach()")));
  }
  DeviceState* device = outputs.empty() ? nullptr : outputs[0].impl().storage->device();
  if (device == nullptr) return;
  DeviceState* of_inputs = common_device(op, inputs);
  if (of_inputs != nullptr && of_inputs != device) {
    raise_in_module(absl::InvalidArgumentError(
        absl::StrCat(op.name, ": writes from ", of_inputs->name, " into ", device->name)));
  }
  const TsrKernel* kernel = find_kernel(device, op);
  absl::Status status = kernel == nullptr ? absl::UnimplementedError("no kernel")
                                          : launch(device, kernel, op, inputs, attributes, outputs);
  if (!status.ok()) [[unlikely]] {
    if (status.code() != absl::StatusCode::kUnimplemented) raise_in_module(status);
    NoGradGuard no_grad;
    std::vector<Tensor> results;
    if (kernel != nullptr && !op.has(kUpdatesInputs) && !all_dense(outputs)) {
      // Only `copy` has to write between the elements of others.
      for (const TensorSpec& spec : context.outputs) {
        absl::StatusOr<Tensor> result = allocate(device, spec);
        if (!result.ok()) raise_in_module(context.annotate(result.status()));
        results.push_back(*std::move(result));
      }
      status = launch(device, kernel, op, inputs, attributes, results);
    }
    if (!status.ok()) {
      if (status.code() != absl::StatusCode::kUnimplemented) raise_in_module(status);
      if (op.decompose == nullptr) status = explain_missing(context, device, kernel, status);
      results = run_decomposition(op, inputs, attributes, device, status);
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      Tensor target = outputs[i];
      target.copy_(results[i]);
    }
  }
  if (state.observer != nullptr) [[unlikely]] {
    state.observer->on_dispatch(op, inputs, attributes, outputs);
  }
}

std::vector<const Tensor*> refs(absl::Span<const Tensor> tensors) {
  std::vector<const Tensor*> result;
  result.reserve(tensors.size());
  for (const Tensor& tensor : tensors) result.push_back(&tensor);
  return result;
}

std::vector<Fallback> fallbacks() {
  absl::MutexLock lock(&fallback_mutex);
  std::vector<Fallback> list;
  for (const auto& [key, count] : fallback_counts()) {
    list.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
  }
  return list;
}

}  // namespace tessera
