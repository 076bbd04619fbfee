// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/graph.h"

namespace tessera::capture {

Uses::Uses(const Graph& graph) : of(graph.memories.size()) {
  for (uint32_t n = 0; n < graph.nodes.size(); ++n) {
    for_each_in_memory(graph.nodes[n], [&](const Operand& operand, bool is_output) {
      std::vector<uint32_t>& list =
          is_output ? of[operand.memory].writes : of[operand.memory].reads;
      if (list.empty() || list.back() != n) list.push_back(n);
    });
  }
}

}  // namespace tessera::capture
