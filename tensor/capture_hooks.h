// SPDX-License-Identifier: Apache-2.0
//
// What ops, optimizers and modules tell the recording of a step (tensor/capture/compile.h), if
// there is one on this thread. Programs need each_time() alone:
//
//   auto step = compile([&](const Tensor& x, const Tensor& y) {
//     Tensor loss = loss_fn(model(x), y);
//     ...
//     each_time([&steps, loss] { if (++steps % 100 == 0) std::cout << loss.item<float>() << '\n';
//     }); return loss;
//   });
#ifndef TESSERA_TENSOR_CAPTURE_HOOKS_H_
#define TESSERA_TENSOR_CAPTURE_HOOKS_H_

#include <cstdint>
#include <functional>
#include <source_location>
#include <string_view>
#include <utility>

#include "tessera/tensor/dispatch.h"

namespace tessera {

struct Generator;

// A step that is being recorded. Installed in DispatchState::recorder by whoever records.
class StepRecorder {
 public:
  // The device was handed this node. `inputs` are those that it got: immediates only where the op
  // takes them.
  virtual void on_launch(DeviceState* device, const TsrKernel* kernel, const OpDef& op,
                         TensorRefs inputs, const Attributes& attributes,
                         absl::Span<const Tensor> outputs) = 0;
  // A storage was made.
  virtual void on_allocate(Storage& storage) = 0;
  // Numbers of `generator` (nullptr: the default one) were taken, from `start` on.
  virtual void on_draw(Generator* generator, const Generator& start, uint64_t blocks) = 0;
  // A leaf was given its first gradient; one was added to the gradient that it had; its gradient
  // was dropped, or was not there to be dropped.
  virtual void on_first_gradient(TensorImpl& leaf) = 0;
  virtual void on_gradient_added(TensorImpl& leaf) = 0;
  virtual void on_gradient_cleared(TensorImpl& leaf) = 0;
  // Something of the host that the step depends on: the recording holds while `holds` says so.
  virtual void on_guard(std::function<bool()> holds) = 0;
  // Work of the host that belongs to each run. It has been done for this one.
  virtual void on_host_work(std::function<void()> work) = 0;

 protected:
  ~StepRecorder() = default;
};

// Gradients of leaves, for the recorder, which does not link //autograd. Null functions until a
// tape is installed; without one no leaf has a gradient.
struct GradientAccess {
  Tensor (*get)(const Tensor& leaf) = nullptr;
  void (*set)(Tensor leaf, Tensor gradient) = nullptr;
};
GradientAccess& gradient_access();

inline StepRecorder* step_recorder() { return dispatch_state().recorder; }

// While one lives, nothing on this thread is recorded.
class PauseRecording {
 public:
  PauseRecording() : recorder_(std::exchange(dispatch_state().recorder, nullptr)) {}
  ~PauseRecording() { dispatch_state().recorder = recorder_; }
  PauseRecording(const PauseRecording&) = delete;

 private:
  StepRecorder* recorder_;
};

// Does `work` now, and in a compiled step at this place of every run, where it may read values:
// what changes the host's state, such as counting or printing. What it captures by value stays as
// it is; tensors of the step that it captures hold the values of the run.
template <class Work>
void each_time(Work work) {
  StepRecorder* recorder = step_recorder();
  if (recorder == nullptr) return work();
  {
    PauseRecording pause;
    work();
  }
  recorder->on_host_work(std::move(work));
}

// Throws kFailedPrecondition if a step is being recorded: `what` ("item") takes a value out of it,
// with which it would be frozen. `where` is the caller's line.
void refuse_in_recording(std::string_view what, const std::source_location& where);

// Steps recorded before no longer hold: tensors got other storage (Module::to) or other gradients
// are wanted. Thread-safe.
void invalidate_recordings();
uint64_t recordings_epoch();

}  // namespace tessera

#endif  // TESSERA_TENSOR_CAPTURE_HOOKS_H_
