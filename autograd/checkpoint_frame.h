// SPDX-License-Identifier: Apache-2.0
//
// CheckpointFrame: one call of checkpoint(), whose nodes keep no values but ask the frame for them,
// which calls the function again. Internal to autograd/.
#ifndef TESSERA_AUTOGRAD_CHECKPOINT_FRAME_H_
#define TESSERA_AUTOGRAD_CHECKPOINT_FRAME_H_

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "tessera/autograd/node.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/ref_counted.h"
#include "tessera/tensor/tensor.h"

namespace tessera::autograd {

class CheckpointFrame final : public RefCounted {
 public:
  using Function = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

  // What `function` will need again is pinned until all nodes are released.
  CheckpointFrame(Function function, std::vector<Tensor> inputs);
  ~CheckpointFrame();

  // The first call: its nodes are added to this frame.
  std::vector<Tensor> run();

  // Called by the tape, in the order of the ops.
  void add(GradNode& node, TensorRefs inputs);
  void replay(const OpDef& op, TensorRefs inputs, absl::Span<Tensor> outputs);

  // The values of node number `index`, recomputed if need be, without autograd's data.
  const Tensor& input(size_t index, size_t i) { return recomputed(index).inputs[i]; }
  const Tensor& output(size_t index, size_t i) { return recomputed(index).outputs[i]; }

  // Node number `index` needs its values no longer.
  void drop(size_t index);

 private:
  struct Entry {
    std::string_view name;
    bool is_dropped = false;
    absl::InlinedVector<Tensor, 2> inputs;
    absl::InlinedVector<Tensor, 1> outputs;
  };

  class Mute;

  Entry& recomputed(size_t index);
  void recompute();

  Function function_;
  std::vector<Tensor> inputs_;
  Generator random_;  // where the default generator was at the first call
  std::vector<Entry> entries_;
  bool is_recomputed_ = false;
  size_t next_ = 0;  // the entry that the replay is at
  int mutes_ = 0;    // if not 0, ops belong to a nested checkpoint
};

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_CHECKPOINT_FRAME_H_
