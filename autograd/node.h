// SPDX-License-Identifier: Apache-2.0
//
// GradNode: one application of an op, as the tape remembers it. Internal to autograd/.
//
// A tensor that requires a gradient points to the node that made it; a node points to the nodes
// that made its inputs. What nothing points to any more is freed, saved values included.
#ifndef TESSERA_AUTOGRAD_NODE_H_
#define TESSERA_AUTOGRAD_NODE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "tessera/tensor/attributes.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/ref_counted.h"
#include "tessera/tensor/tensor.h"

namespace tessera::autograd {

class GradNode;
class CheckpointFrame;

using Hook = std::function<Tensor(const Tensor&)>;

// Where the gradient of an input goes: to the node that made it, to a leaf, or nowhere.
struct Edge {
  RefPtr<GradNode> node;
  RefPtr<TensorImpl> leaf;
  // Which of the node's outputs; for a leaf, its place in the pass that has claimed this node.
  uint32_t index = 0;
  // Set by that pass: whether the gradient is wanted.
  bool wanted = false;

  explicit operator bool() const { return node || leaf; }
};

// What few nodes have.
struct NodeExtras {
  std::vector<std::pair<uint32_t, Hook>> hooks;  // of output .first
  std::string module_path;                       // kept in anomaly mode
  std::unique_ptr<OpDef> op;                     // of a custom function: what op() is
  std::function<void(VjpContext&)> vjp;          // and what its vjp calls
  RefPtr<CheckpointFrame> frame;                 // recomputes the saved values
  size_t frame_index = 0;                        // this node's place in the frame
};

class GradNode final : public RefCounted {
 public:
  struct Input {
    Edge edge;
    TensorSpec spec;
    Tensor saved;
  };
  struct Output {
    TensorSpec spec;
    Tensor saved;  // shares the output's storage but not its TensorImpl, which points to this node
    Tensor pending;  // the gradient that has arrived so far in the pass that has claimed this node
  };

  // Slots are empty, to be filled by the caller.
  static RefPtr<GradNode> make(const OpDef& op, const Attributes& attributes, size_t n_inputs,
                               size_t n_outputs);

  // Nodes are freed from a list, not by recursion: a chain may be as long as memory allows.
  static void operator delete(GradNode* node, std::destroying_delete_t);

  const OpDef& op() const { return op_; }
  std::string_view name() const { return op_.name; }
  const Attributes& attributes() const { return attributes_; }
  // Later nodes have greater numbers, in the whole process; inputs' nodes have lesser ones.
  uint64_t sequence() const { return sequence_; }

  absl::Span<Input> inputs() { return {reinterpret_cast<Input*>(this + 1), n_inputs_}; }
  absl::Span<Output> outputs() {
    return {reinterpret_cast<Output*>(inputs().data() + n_inputs_), n_outputs_};
  }
  absl::Span<const Input> inputs() const { return const_cast<GradNode*>(this)->inputs(); }
  absl::Span<const Output> outputs() const { return const_cast<GradNode*>(this)->outputs(); }

  // Keeps values for the vjp and pins their storage.
  void save_input(size_t i, const Tensor& value);
  void save_output(size_t i, const Tensor& value);
  // Drops them; a node that had any cannot run again.
  void release_saved();
  bool is_released() const { return released_; }

  const NodeExtras* extras() const { return extras_.get(); }
  NodeExtras& mutable_extras();

  // One pass at a time walks a node. False if a pass holds it already.
  bool claim(const void* pass) {
    const void* none = nullptr;
    return pass_.compare_exchange_strong(none, pass, std::memory_order_acquire);
  }
  bool is_claimed_by(const void* pass) const {
    return pass_.load(std::memory_order_relaxed) == pass;
  }
  void drop_pending();
  void unclaim() { pass_.store(nullptr, std::memory_order_release); }

  // Set by the pass that has claimed this node.
  bool wanted = false;    // leads to a gradient that was asked for
  bool captured = false;  // a gradient of one of its outputs was asked for
  bool runs = false;      // its vjp is called

 private:
  GradNode(const OpDef& op, const Attributes& attributes, uint32_t n_inputs, uint32_t n_outputs);
  ~GradNode();
  bool saves_something() const;

  const OpDef& op_;
  const uint64_t sequence_;
  const uint32_t n_inputs_;
  const uint32_t n_outputs_;
  bool released_ = false;
  std::atomic<const void*> pass_{nullptr};
  std::unique_ptr<NodeExtras> extras_;
  GradNode* next_to_free_ = nullptr;
  Attributes attributes_;
  // n_inputs_ Input and n_outputs_ Output follow.
};

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_NODE_H_
