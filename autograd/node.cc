// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/node.h"

#include "tessera/autograd/checkpoint_frame.h"

namespace tessera::autograd {
namespace {

std::atomic<uint64_t> next_sequence{0};

void pin(const Tensor& value, const char* op) {
  if (value.defined() && value.impl().storage) value.impl().storage->pin(op);
}

void drop(Tensor& saved) {
  if (!saved.defined()) return;
  if (saved.impl().storage) saved.impl().storage->unpin();
  saved = {};
}

}  // namespace

GradNode::GradNode(const OpDef& op, const Attributes& attributes, uint32_t n_inputs,
                   uint32_t n_outputs)
    : op_(op),
      sequence_(next_sequence.fetch_add(1, std::memory_order_relaxed)),
      n_inputs_(n_inputs),
      n_outputs_(n_outputs),
      attributes_(attributes) {
  for (Input& input : inputs()) new (&input) Input;
  for (Output& output : outputs()) new (&output) Output;
}

GradNode::~GradNode() {
  release_saved();
  for (Input& input : inputs()) input.~Input();
  for (Output& output : outputs()) output.~Output();
}

RefPtr<GradNode> GradNode::make(const OpDef& op, const Attributes& attributes, size_t n_inputs,
                                size_t n_outputs) {
  static_assert(sizeof(GradNode) % alignof(Input) == 0 && sizeof(Input) % alignof(Output) == 0);
  void* memory =
      ::operator new(sizeof(GradNode) + n_inputs * sizeof(Input) + n_outputs * sizeof(Output));
  return RefPtr<GradNode>::adopt(::new (memory) GradNode(
      op, attributes, static_cast<uint32_t>(n_inputs), static_cast<uint32_t>(n_outputs)));
}

void GradNode::operator delete(GradNode* node, std::destroying_delete_t) {
  // Destroying a node may drop the last reference to others; those wait in the list.
  struct List {
    GradNode* first = nullptr;
    bool is_being_freed = false;
  };
  constinit thread_local List list;
  node->next_to_free_ = list.first;
  list.first = node;
  if (list.is_being_freed) return;
  list.is_being_freed = true;
  while (list.first != nullptr) {
    GradNode* next = list.first;
    list.first = next->next_to_free_;
    next->~GradNode();
    ::operator delete(next);
  }
  list.is_being_freed = false;
}

NodeExtras& GradNode::mutable_extras() {
  if (extras_ == nullptr) extras_ = std::make_unique<NodeExtras>();
  return *extras_;
}

void GradNode::save_input(size_t i, const Tensor& value) {
  pin(value, name().data());
  inputs()[i].saved = value;
}

void GradNode::save_output(size_t i, const Tensor& value) {
  pin(value, name().data());
  outputs()[i].saved = value;
}

bool GradNode::saves_something() const {
  return op_.saved_inputs != 0 || op_.saved_outputs != 0 || (extras_ != nullptr && extras_->frame);
}

void GradNode::release_saved() {
  if (released_ || !saves_something()) return;
  released_ = true;
  for (Input& input : inputs()) drop(input.saved);
  for (Output& output : outputs()) drop(output.saved);
  if (extras_ != nullptr && extras_->frame) {
    extras_->frame->drop(extras_->frame_index);
    extras_->frame.reset();
  }
}

void GradNode::drop_pending() {
  for (Output& output : outputs()) output.pending = {};
}

}  // namespace tessera::autograd
