// SPDX-License-Identifier: Apache-2.0
//
// TapeVjpContext: what a vjp reads and writes when the engine calls it. Internal to autograd/.
#ifndef TESSERA_AUTOGRAD_VJP_CONTEXT_H_
#define TESSERA_AUTOGRAD_VJP_CONTEXT_H_

#include <utility>

#include "absl/container/inlined_vector.h"
#include "tessera/autograd/node.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/tensor.h"

namespace tessera::autograd {

class TapeVjpContext final : public VjpContext {
 public:
  using Gradients = absl::InlinedVector<Tensor, 3>;

  // `node` is claimed by the calling pass and holds at least one gradient. With `create_graph`,
  // saved values are given as the tape knows them, so that ops on them have gradients.
  TapeVjpContext(GradNode& node, bool create_graph);

  const GradNode& node() const { return node_; }
  Gradients take_gradients() { return std::move(gradients_); }

  const Attributes& attributes() const override { return node_.attributes(); }
  int num_inputs() const override { return static_cast<int>(node_.inputs().size()); }
  const Tensor& input(int i) const override;
  const Tensor& output(int i) const override;
  const TensorSpec& input_spec(int i) const override { return node_.inputs()[i].spec; }
  Tensor grad(int i) override;
  Tensor take_grad(int i) override;
  bool has_grad(int i) const override { return node_.outputs()[i].pending.defined(); }
  bool needs(int i) const override { return node_.inputs()[i].edge.wanted; }
  void set(int i, Tensor gradient) override;

 private:
  void restore_from_frame(bool create_graph);

  GradNode& node_;
  // In place of what the node holds, where that will not do.
  absl::InlinedVector<Tensor, 2> inputs_;
  absl::InlinedVector<Tensor, 1> outputs_;
  Gradients gradients_;
};

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_VJP_CONTEXT_H_
