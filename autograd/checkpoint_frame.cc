// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/checkpoint_frame.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/autograd/tape.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/launch.h"

namespace tessera::autograd {
namespace {

[[noreturn]] void raise_differs(std::string_view how) {
  raise(absl::FailedPreconditionError(
      absl::StrCat("checkpoint: computing again applied ", how,
                   "; the function must do the same each time it is called with the same inputs")));
}

// Says to the tape which frame is at work.
class Scope {
 public:
  Scope(CheckpointFrame* recording, CheckpointFrame* replayed)
      : frame_(std::exchange(tape_state().frame, recording)),
        replayed_(std::exchange(tape_state().replayed, replayed)) {}
  ~Scope() {
    tape_state().frame = frame_;
    tape_state().replayed = replayed_;
  }

 private:
  CheckpointFrame* frame_;
  CheckpointFrame* replayed_;
};

// Puts the default generator where it was, for a scope.
class SameRandomNumbers {
 public:
  explicit SameRandomNumbers(const Generator& then) : now_(default_generator()) {
    set_default_generator(then);
  }
  ~SameRandomNumbers() { set_default_generator(now_); }

 private:
  Generator now_;
};

}  // namespace

class CheckpointFrame::Mute {
 public:
  explicit Mute(CheckpointFrame& frame) : frame_(frame) { ++frame_.mutes_; }
  ~Mute() { --frame_.mutes_; }

 private:
  CheckpointFrame& frame_;
};

CheckpointFrame::CheckpointFrame(Function function, std::vector<Tensor> inputs)
    : function_(std::move(function)), inputs_(std::move(inputs)) {
  for (const Tensor& input : inputs_) {
    if (input.defined() && input.impl().storage) input.impl().storage->pin("checkpoint");
  }
}

CheckpointFrame::~CheckpointFrame() {
  for (const Tensor& input : inputs_) {
    if (input.defined() && input.impl().storage) input.impl().storage->unpin();
  }
}

std::vector<Tensor> CheckpointFrame::run() {
  if (CheckpointFrame* outer = tape_state().replayed) {
    // Called by the function of `outer`, which computes again. The nodes of the first call asked
    // for their values from the frame of then, so this call's are of no use.
    Mute mute(*outer);
    return function_(inputs_);
  }
  Scope scope(this, nullptr);
  random_ = default_generator();
  return function_(inputs_);
}

void CheckpointFrame::add(GradNode& node, TensorRefs inputs) {
  const OpDef& op = node.op();
  const size_t index = entries_.size();
  entries_.emplace_back().name = op.name;
  if (op.saved_inputs == 0 && op.saved_outputs == 0) return;
  for (size_t i = 0; i < inputs.size(); ++i) {
    // A leaf lives anyway.
    if (is_named(op.saved_inputs, i) && node.inputs()[i].edge.leaf) node.save_input(i, *inputs[i]);
  }
  NodeExtras& extras = node.mutable_extras();
  extras.frame = RefPtr<CheckpointFrame>::share(this);
  extras.frame_index = index;
}

void CheckpointFrame::replay(const OpDef& op, TensorRefs inputs, absl::Span<Tensor> outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!requires_gradient(op, outputs[i].impl(), i)) continue;
    for (const Tensor* input : inputs) {
      if (outputs[i].is_same(*input)) outputs[i] = alias(outputs[i]);
    }
    outputs[i].impl().requires_grad = true;  // so that what follows is replayed too
  }
  if (mutes_ != 0) return;
  if (next_ == entries_.size())
    raise_differs(absl::StrCat("further ops, beginning with ", op.name));
  Entry& entry = entries_[next_++];
  if (entry.name != op.name) raise_differs(absl::StrCat(op.name, " in place of ", entry.name));
  if (entry.is_dropped) return;
  entry.inputs.resize(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (is_named(op.saved_inputs, i)) entry.inputs[i] = *inputs[i];
  }
  entry.outputs.resize(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (is_named(op.saved_outputs, i)) entry.outputs[i] = outputs[i];
  }
}

CheckpointFrame::Entry& CheckpointFrame::recomputed(size_t index) {
  if (!is_recomputed_) recompute();
  return entries_[index];
}

void CheckpointFrame::recompute() {
  next_ = 0;
  Scope scope(nullptr, this);
  SameRandomNumbers random(random_);
  EnableGradGuard grad_mode;
  function_(inputs_);
  if (next_ != entries_.size()) raise_differs("fewer ops");
  is_recomputed_ = true;
}

void CheckpointFrame::drop(size_t index) {
  Entry& entry = entries_[index];
  entry.is_dropped = true;
  entry.inputs.clear();
  entry.outputs.clear();
}

}  // namespace tessera::autograd
