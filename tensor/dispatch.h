// SPDX-License-Identifier: Apache-2.0
//
// dispatch: the only way an op runs.
//
//   1. infer: shapes and dtypes of the outputs, or an error that names the op and both values
//   2. launch one node on the device of the inputs; where its backend has no kernel, run the op's
//      decomposition instead (counted: fallbacks() says what ran where, and why)
//   3. tell the observer (profiler, anomaly mode, capture)
//   4. remember the op for the tape, if an input requires a gradient and GradMode is on
#ifndef TESSERA_TENSOR_DISPATCH_H_
#define TESSERA_TENSOR_DISPATCH_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// Applies an op that has one output. Throws Error for what infer or the device reports.
// `device` is for ops without tensor inputs; by default that of the first input that has one.
Tensor dispatch(const OpDef& op, TensorRefs inputs, const Attributes& attributes = {},
                std::optional<Device> device = std::nullopt);
inline Tensor dispatch(const OpDef& op, std::initializer_list<const Tensor*> inputs,
                       const Attributes& attributes = {}) {
  return dispatch(op, TensorRefs(inputs.begin(), inputs.size()), attributes);
}

// As dispatch, for an elementwise op whose first input the caller gives up: the result takes over
// its memory if nothing else can see it, no gradient will read it, and shape and dtype are the
// same.
Tensor dispatch_over(const OpDef& op, Tensor&& first,
                     std::initializer_list<const Tensor*> rest = {},
                     const Attributes& attributes = {});

// Applies an op with any number of outputs.
std::vector<Tensor> dispatch_all(const OpDef& op, TensorRefs inputs,
                                 const Attributes& attributes = {},
                                 std::optional<Device> device = std::nullopt);

// Applies an op and writes its results into existing tensors, which need not be dense. Refused,
// with the op that needs the value, if the tape needs an output's present value, or if a gradient
// would be lost (an output or input requires one and GradMode is on).
void dispatch_into(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                   absl::Span<const Tensor> outputs);

// Throws Error with the running module's path, the op's name and `status`'s message.
[[noreturn]] void raise_op_error(std::string_view op, const absl::Status& status);

// The inputs of a vector of tensors, for ops that take any number.
std::vector<const Tensor*> refs(absl::Span<const Tensor> tensors);

// ---- What dispatch consults, per thread
// ----------------------------------------------------------

// Sees every node after it was launched. Not owned. Observers nest: each calls its `previous`.
class DispatchObserver {
 public:
  virtual ~DispatchObserver() = default;
  virtual void on_dispatch(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                           absl::Span<const Tensor> outputs) = 0;
};

class StepRecorder;  // tensor/capture_hooks.h

struct DispatchState {
  bool grad_mode = true;
  DispatchObserver* observer = nullptr;
  StepRecorder* recorder = nullptr;  // of the step that is being captured; not owned
};
DispatchState& dispatch_state();

// Puts an observer in place for a scope; the one before sees nodes too.
class ScopedObserver {
 public:
  explicit ScopedObserver(DispatchObserver* observer);
  ~ScopedObserver();
  ScopedObserver(const ScopedObserver&) = delete;

 private:
  DispatchObserver* previous_;
};

// While one lives, ops on this thread are not remembered for gradients (torch.no_grad).
class NoGradGuard {
 public:
  NoGradGuard() : previous_(dispatch_state().grad_mode) { dispatch_state().grad_mode = false; }
  ~NoGradGuard() { dispatch_state().grad_mode = previous_; }
  NoGradGuard(const NoGradGuard&) = delete;

 private:
  bool previous_;
};

// ---- The tape's entry, which //autograd fills in
// -------------------------------------------------

struct TapeHook {
  // Called when an input requires a gradient and `op` has a vjp; makes the outputs require one.
  void (*record)(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                 absl::Span<Tensor> outputs);
};
void set_tape_hook(const TapeHook* hook);

// Step 4 alone, for what did not run through dispatch (a copy between devices).
void record_on_tape(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                    absl::Span<Tensor> outputs);

// ---- What ran as a decomposition
// -----------------------------------------------------------------

struct Fallback {
  std::string op;      // "conv2d"
  std::string device;  // "vulkan:0"
  std::string reason;  // the plugin's words, or "no kernel"
  int64_t count = 0;
};
std::vector<Fallback> fallbacks();

}  // namespace tessera

#endif  // TESSERA_TENSOR_DISPATCH_H_
