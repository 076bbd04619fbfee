// SPDX-License-Identifier: Apache-2.0
//
// The tape: what dispatch calls for each op that has to be remembered. Internal to autograd/.
#ifndef TESSERA_AUTOGRAD_TAPE_H_
#define TESSERA_AUTOGRAD_TAPE_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "tessera/autograd/node.h"
#include "tessera/autograd/stand_in_entry.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/tensor.h"

namespace tessera::autograd {

// Per thread.
struct TapeState {
  const GradNode* running = nullptr;    // whose vjp is being called
  CheckpointFrame* frame = nullptr;     // which records nodes now, and will recompute them
  CheckpointFrame* replayed = nullptr;  // which recomputes now: ops are counted, not recorded
  bool keeps_module_paths = false;      // anomaly mode
  StandInEntry* stand_ins = nullptr;    // those that live
};
TapeState& tape_state();

// Makes dispatch() record. Called by dispatch itself on first use where //autograd is linked.
void install_tape();

// Makes a node for one application of `op`, which keeps what `op` says and becomes the grad_fn of
// the floating point `outputs`. nullptr while a checkpoint computes again.
RefPtr<GradNode> record(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                        absl::Span<Tensor> outputs);

// Whether a mask of OpDef names input or output `i`.
inline bool is_named(uint32_t mask, size_t i) {
  return i < 32 ? (mask >> i & 1) != 0 : mask == kSaveAll;
}

// Whether output `i` of `op` requires a gradient once an input does.
inline bool requires_gradient(const OpDef& op, const TensorImpl& output, size_t i) {
  return is_floating_point(output.dtype) && !is_named(op.auxiliary_outputs, i);
}

// An alias of `tensor` (tensor/launch.h), made output `index` of `node` as far as gradients go.
Tensor alias_as_output(const Tensor& tensor, RefPtr<GradNode> node, uint32_t index);

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_TAPE_H_
