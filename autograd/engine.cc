// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/engine.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "tessera/autograd/meta.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/autograd/tape.h"
#include "tessera/autograd/vjp_context.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/launch.h"

namespace tessera::autograd {
namespace {

constexpr uint32_t kNoLeaf = std::numeric_limits<uint32_t>::max();

[[noreturn]] void raise_backward(absl::StatusCode code, std::string_view message) {
  raise(absl::Status(code, absl::StrCat("backward: ", message)));
}

std::string describe(const Tensor& tensor) {
  return absl::StrCat(tensor.shape().to_string(), " ", dtype_name(tensor.dtype()));
}

void check_fits(const Tensor& gradient, const Tensor& tensor, std::string_view what) {
  if (gradient.shape() == tensor.shape() && gradient.dtype() == tensor.dtype()) return;
  raise_backward(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat(what, " is ", describe(gradient), ", its tensor is ", describe(tensor)));
}

// A gradient from outside, or 1.
Tensor root_gradient(const Tensor& output, const Tensor& gradient) {
  if (gradient.defined() && !gradient.impl().is_immediate) {
    check_fits(gradient, output, "the gradient given");
    return gradient;
  }
  if (output.numel() != 1) {
    raise_backward(absl::StatusCode::kInvalidArgument,
                   absl::StrCat("a tensor of one element needs no gradient to begin with; this is ",
                                describe(output), ": reduce it, or give a gradient of its shape"));
  }
  TensorSpec spec = {output.dtype(), output.shape()};
  Tensor one = value_or_raise(allocate(output.impl().storage->device(), spec));
  one.fill_(gradient.defined() ? gradient : Tensor(1));
  return one;
}

// Nobody else sees this memory, so it may be added to in place.
bool is_exclusive(const Tensor& tensor) {
  const TensorImpl& impl = tensor.impl();
  return impl.use_count() == 1 && impl.contiguous && !impl.requires_grad && impl.storage &&
         impl.storage->use_count() == 1 && !impl.storage->is_pinned();
}

Tensor call_hook(const Hook& hook, const Tensor& gradient) {
  Tensor replacement = hook(gradient);
  if (!replacement.defined()) return gradient;
  check_fits(replacement, gradient, "the gradient from a hook");
  return replacement;
}

// Guards grad() of leaves, which graphs of several threads may share.
absl::Mutex& mutex_of(const TensorImpl& leaf) {
  static absl::Mutex mutexes[16];
  return mutexes[reinterpret_cast<uintptr_t>(&leaf) / sizeof(TensorImpl) % std::size(mutexes)];
}

class RunningNode {
 public:
  explicit RunningNode(const GradNode& node)
      : previous_(std::exchange(tape_state().running, &node)) {}
  ~RunningNode() { tape_state().running = previous_; }

 private:
  const GradNode* previous_;
};

}  // namespace

BackwardPass::~BackwardPass() {
  // Not all done: an error is on its way to the caller.
  for (; next_step_ < steps_.size(); ++next_step_) {
    steps_[next_step_].node->drop_pending();
    steps_[next_step_].node->unclaim();
  }
}

void BackwardPass::add_root(const Tensor& output, const Tensor& gradient) {
  if (!output.requires_grad()) {
    raise_backward(absl::StatusCode::kFailedPrecondition,
                   absl::StrCat("the tensor ", describe(output),
                                " does not require a gradient, nor was it computed (with grad mode "
                                "on) from one that does"));
  }
  roots_.push_back(output);
  Tensor start = root_gradient(output, gradient);
  NoGradGuard no_grad;
  if (GradNode* node = node_of(output.impl())) {
    if (!node->is_claimed_by(this)) claim(*node);
    accumulate(node->outputs()[find_meta(output.impl())->index].pending, std::move(start));
  } else {
    accumulate(leaves_[leaf_number(output.impl())].sum, std::move(start));
  }
}

size_t BackwardPass::capture(const Tensor& input) {
  Capture capture;
  capture.input = input;
  if (const Meta* meta = find_meta(input.impl()); meta != nullptr && meta->node) {
    capture.node = meta->node.get();
    capture.index = meta->index;
  } else {
    leaves_[leaf_number(input.impl())].captured = true;
  }
  captures_.push_back(std::move(capture));
  return captures_.size() - 1;
}

void BackwardPass::claim(GradNode& node) {
  if (!node.claim(this)) {
    raise_backward(absl::StatusCode::kFailedPrecondition,
                   absl::StrCat("the graph of this ", node.name(),
                                " is being walked by another backward(), of another thread or "
                                "around this one; let one finish first"));
  }
  node.wanted = node.captured = node.runs = false;
  steps_.push_back({node.sequence(), &node});
}

uint32_t BackwardPass::leaf_number(TensorImpl& impl) {
  auto [place, is_new] = leaf_numbers_.try_emplace(&impl, static_cast<uint32_t>(leaves_.size()));
  if (is_new) leaves_.push_back({.impl = &impl});
  return place->second;
}

uint32_t BackwardPass::leaf_number_if_wanted(TensorImpl& impl) {
  if (captures_.empty()) return leaf_number(impl);
  auto place = leaf_numbers_.find(&impl);
  if (place == leaf_numbers_.end() || !leaves_[place->second].captured) return kNoLeaf;
  return place->second;
}

// Finds what can be reached, puts it in order and marks what has to run.
void BackwardPass::plan() {
  for (size_t i = 0; i < steps_.size(); ++i) {  // claim() makes it longer
    for (GradNode::Input& input : steps_[i].node->inputs()) {
      GradNode* source = input.edge.node.get();
      if (source != nullptr && !source->is_claimed_by(this)) claim(*source);
    }
  }
  auto later = [](const Step& a, const Step& b) { return a.sequence > b.sequence; };
  if (!std::is_sorted(steps_.begin(), steps_.end(), later)) {
    std::sort(steps_.begin(), steps_.end(), later);
  }
  for (const Capture& capture : captures_) {
    if (capture.node != nullptr && capture.node->is_claimed_by(this)) capture.node->captured = true;
  }
  for (size_t i = steps_.size(); i-- > 0;) plan(*steps_[i].node);
}

void BackwardPass::plan(GradNode& node) {
  const bool all = captures_.empty();
  for (GradNode::Input& input : node.inputs()) {
    Edge& edge = input.edge;
    if (edge.node) {
      edge.wanted = all || edge.node->wanted;
    } else if (edge.leaf) {
      edge.index = leaf_number_if_wanted(*edge.leaf);
      edge.wanted = edge.index != kNoLeaf;
      if (edge.wanted) ++leaves_[edge.index].uses_left;
    }
    node.runs |= edge.wanted;
  }
  node.wanted = node.runs || node.captured;
  if (node.runs && node.is_released()) {
    raise_backward(absl::StatusCode::kFailedPrecondition,
                   absl::StrCat("what the gradient of this ", node.name(),
                                " needs was freed by an earlier backward(); call that one with "
                                "retain_graph = true, or compute the forward pass again"));
  }
}

void BackwardPass::run() {
  plan();
  GradModeGuard mode(options_.create_graph);
  for (Leaf& leaf : leaves_) {
    if (leaf.uses_left == 0) finish(leaf);
  }
  for (; next_step_ < steps_.size(); ++next_step_) {
    GradNode& node = *steps_[next_step_].node;
    if (node.wanted) run(node);
    node.drop_pending();
    node.unclaim();
  }
}

void BackwardPass::run(GradNode& node) {
  run_hooks(node);
  if (node.captured) {
    for (Capture& capture : captures_) {
      if (capture.node == &node) capture.gradient = node.outputs()[capture.index].pending;
    }
  }
  if (!node.runs) return;
  bool has_gradient = false;
  for (const GradNode::Output& output : node.outputs()) has_gradient |= output.pending.defined();
  TapeVjpContext::Gradients gradients;
  if (has_gradient) {
    RunningNode running(node);
    TapeVjpContext context(node, options_.create_graph);
    node.op().vjp(context);
    gradients = context.take_gradients();
  }
  if (!options_.retain_graph) node.release_saved();
  // Before they are passed on: a gradient handed through has one owner then.
  node.drop_pending();

  absl::Span<GradNode::Input> inputs = node.inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Edge& edge = inputs[i].edge;
    if (!edge.wanted) continue;
    const bool arrived = has_gradient && gradients[i].defined();
    if (edge.node) {
      if (arrived) accumulate(edge.node->outputs()[edge.index].pending, std::move(gradients[i]));
      continue;
    }
    Leaf& leaf = leaves_[edge.index];
    if (arrived) accumulate(leaf.sum, std::move(gradients[i]));
    if (--leaf.uses_left == 0) finish(leaf);
  }
}

void BackwardPass::run_hooks(GradNode& node) {
  if (node.extras() == nullptr) return;
  const auto hooks = node.extras()->hooks;  // a hook may register another
  for (const auto& [index, hook] : hooks) {
    Tensor& gradient = node.outputs()[index].pending;
    if (gradient.defined()) gradient = call_hook(hook, gradient);
  }
}

// A leaf whose gradient is complete.
void BackwardPass::finish(Leaf& leaf) {
  if (!leaf.sum.defined()) return;
  Tensor gradient = std::move(leaf.sum);
  if (const Meta* meta = find_meta(*leaf.impl)) {
    const std::vector<Hook> hooks = meta->hooks;
    for (const Hook& hook : hooks) gradient = call_hook(hook, gradient);
  }
  if (captures_.empty()) {
    add_to_grad(*leaf.impl, std::move(gradient));
    return;
  }
  for (Capture& capture : captures_) {
    if (&capture.input.impl() == leaf.impl) capture.gradient = gradient;
  }
}

void BackwardPass::accumulate(Tensor& sum, Tensor gradient) {
  if (!sum.defined()) {
    sum = std::move(gradient);
  } else if (is_grad_enabled()) {
    sum = sum.add(gradient);
  } else if (is_exclusive(sum)) {
    sum.add_(gradient);
  } else if (is_exclusive(gradient)) {
    gradient.add_(sum);
    sum = std::move(gradient);
  } else {
    sum = sum.add(gradient);
  }
}

void BackwardPass::add_to_grad(TensorImpl& leaf, Tensor gradient) {
  absl::MutexLock lock(&mutex_of(leaf));
  Tensor& grad = meta_of(leaf).grad;
  StepRecorder* recorder = step_recorder();
  if (recorder != nullptr) {
    grad.defined() ? recorder->on_gradient_added(leaf) : recorder->on_first_gradient(leaf);
  }
  if (!grad.defined()) {
    // Later gradients are added in place, so this one must be the leaf's own.
    grad =
        gradient.requires_grad() || is_exclusive(gradient) ? std::move(gradient) : gradient.clone();
  } else if (is_grad_enabled() || grad.requires_grad() || grad.impl().storage->is_pinned()) {
    grad = grad.add(gradient);
  } else {
    grad.add_(gradient);
  }
}

}  // namespace tessera::autograd
