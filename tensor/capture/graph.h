// SPDX-License-Identifier: Apache-2.0
//
// Graph: the nodes of one run of a step, in order, and the memory that they read and write. What
// passes change and a Program runs.
#ifndef TESSERA_TENSOR_CAPTURE_GRAPH_H_
#define TESSERA_TENSOR_CAPTURE_GRAPH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/storage.h"

namespace tessera::capture {

enum class Place {
  kTemporary,  // only the step's nodes see it: planned into the arena
  kKept,       // made by the step and seen by others after it: gradients, results
  kOuter,      // was there before: parameters, and constants that the step uploaded
  kInput,      // of an argument of the step
  kConstant,   // holds the same in every run: computed once
};

struct Memory {
  Place place = Place::kTemporary;
  uint64_t bytes = 0;
  RefPtr<Storage> storage;  // of kKept and kOuter
  uint32_t input = 0;       // of kInput: which argument
};

// A strided view of a memory, or a number of the host.
struct Operand {
  static constexpr uint32_t kImmediate = ~0u;

  uint32_t memory = kImmediate;
  DType dtype = kFloat32;
  Shape shape;
  Strides strides;
  int64_t offset = 0;  // elements
  uint64_t immediate = 0;

  bool is_immediate() const { return memory == kImmediate; }
  uint64_t bytes() const { return static_cast<uint64_t>(shape.numel() * itemsize(dtype)); }
  // Whether it is all of `whole`, one element after another.
  bool covers(const Memory& whole) const {
    return offset == 0 && bytes() == whole.bytes && is_contiguous(shape, strides);
  }
};

// Numbers that a run takes out of a generator (nullptr: the default one).
struct Draw {
  Generator* generator = nullptr;
  Generator start;  // in the recorded run
  uint64_t blocks = 0;
  uint32_t work_before = 0;  // works of the host before it
};

struct Node {
  const OpDef* op = nullptr;  // null: work of the host
  const TsrKernel* kernel = nullptr;
  Attributes attributes;
  std::vector<Operand> inputs, outputs;
  int32_t draw = -1;   // of Graph::draws, for op->random_ints
  std::string module;  // "features.3 (Conv2d)", or empty
  std::function<void()> work;

  bool is_work() const { return op == nullptr; }
};

struct Graph {
  DeviceState* device = nullptr;
  std::vector<Memory> memories;
  std::vector<Node> nodes;
  std::vector<Draw> draws;
  // Computed once, when a program is made: only kConstant memories are written.
  std::vector<Node> constants;
  // Bytes of temporaries that the eager run had at once.
  uint64_t eager_peak = 0;

  uint32_t add_memory(Memory memory) {
    memories.push_back(std::move(memory));
    return static_cast<uint32_t>(memories.size() - 1);
  }
};

// Calls f(operand, is_output) for the operands in memory.
template <class Operands, class F>
void for_each_in_memory(Operands& node, F&& f) {
  for (auto& input : node.inputs) {
    if (!input.is_immediate()) f(input, false);
  }
  for (auto& output : node.outputs) f(output, true);
}

// Where each memory is read and written, by number of node.
struct Uses {
  struct Of {
    std::vector<uint32_t> reads, writes;  // ascending; a node once in each
  };
  std::vector<Of> of;

  explicit Uses(const Graph& graph);
};

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_GRAPH_H_
