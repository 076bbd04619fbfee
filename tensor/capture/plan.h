// SPDX-License-Identifier: Apache-2.0
//
// Where each temporary stands in one arena: memories whose lives do not meet share bytes.
#ifndef TESSERA_TENSOR_CAPTURE_PLAN_H_
#define TESSERA_TENSOR_CAPTURE_PLAN_H_

#include <cstdint>
#include <vector>

#include "tessera/tensor/capture/graph.h"

namespace tessera::capture {

struct Plan {
  static constexpr uint64_t kNowhere = ~uint64_t{0};

  std::vector<uint64_t> offsets;  // bytes from the arena's start, by memory; kNowhere: not in it
  uint64_t arena_bytes = 0;
  std::vector<uint64_t> constant_offsets;  // likewise for Place::kConstant
  uint64_t constant_bytes = 0;
};

// An elementwise node may write its result over an input that nobody reads afterwards. Larger
// memories are placed first, each at the lowest offset that is free while it lives.
//   source: greedy by size, as in Pisarchyk and Lee, Efficient Memory Management for Deep Neural
//   Net
//           Inference (2020)
Plan plan_memory(const Graph& graph);

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_PLAN_H_
