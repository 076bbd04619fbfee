// SPDX-License-Identifier: Apache-2.0
//
// BackwardPass: one walk over the tape, from roots to leaves. Internal to autograd/.
//
//   BackwardPass pass({.create_graph = true});
//   pass.add_root(loss, {});
//   size_t slot = pass.capture(x);
//   pass.run();
//   Tensor dx = pass.captured(slot);
#ifndef TESSERA_AUTOGRAD_ENGINE_H_
#define TESSERA_AUTOGRAD_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "tessera/autograd/node.h"
#include "tessera/tensor/tensor.h"

namespace tessera::autograd {

// Lives on the stack of one thread. Runs once.
//
// The walk is a loop over the reachable nodes, the latest first: a node's consumers are later than
// it, so all its gradients have arrived when its turn comes.
class BackwardPass {
 public:
  struct Options {
    bool retain_graph = false;
    bool create_graph = false;
  };

  explicit BackwardPass(const Options& options) : options_(options) {}
  BackwardPass(const BackwardPass&) = delete;
  ~BackwardPass();

  // `gradient` may be undefined where `output` has one element: 1.
  void add_root(const Tensor& output, const Tensor& gradient);
  // Asks for the gradient of `input`. A pass that captures computes nothing but what it captures,
  // and leaves grad() of leaves alone.
  size_t capture(const Tensor& input);
  void run();
  // Undefined if no root depends on the input.
  const Tensor& captured(size_t slot) const { return captures_[slot].gradient; }

 private:
  struct Leaf {
    TensorImpl* impl = nullptr;
    Tensor sum;
    uint32_t uses_left = 0;
    bool captured = false;
  };
  struct Capture {
    Tensor input;
    GradNode* node = nullptr;  // that made the input; null if it is a leaf
    uint32_t index = 0;
    Tensor gradient;
  };
  struct Step {
    uint64_t sequence;
    GradNode* node;
  };

  void claim(GradNode& node);
  uint32_t leaf_number(TensorImpl& impl);
  uint32_t leaf_number_if_wanted(TensorImpl& impl);
  void plan();
  void plan(GradNode& node);
  void run(GradNode& node);
  void run_hooks(GradNode& node);
  void finish(Leaf& leaf);
  void accumulate(Tensor& sum, Tensor gradient);
  void add_to_grad(TensorImpl& leaf, Tensor gradient);

  const Options options_;
  std::vector<Tensor> roots_;  // keep the graph alive
  absl::InlinedVector<Capture, 2> captures_;
  std::vector<Step> steps_;
  size_t next_step_ = 0;
  std::vector<Leaf> leaves_;
  absl::flat_hash_map<TensorImpl*, uint32_t> leaf_numbers_;
};

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_ENGINE_H_
