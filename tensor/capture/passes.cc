// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/passes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace tessera::capture {
namespace {

// The largest constant that is kept rather than computed anew.
constexpr uint64_t kLargestConstant = uint64_t{16} << 20;

bool changes_operands(const Node& node) { return node.is_work() || node.op->has(kUpdatesInputs); }

// Whether node `n` alone determines its outputs: temporaries that it fills and nobody else writes.
bool makes_values(const Graph& graph, const Uses& uses, uint32_t n) {
  const Node& node = graph.nodes[n];
  if (changes_operands(node)) return false;
  return std::all_of(node.outputs.begin(), node.outputs.end(), [&](const Operand& output) {
    const Memory& memory = graph.memories[output.memory];
    return memory.place == Place::kTemporary && uses.of[output.memory].writes.size() == 1 &&
           output.covers(memory);
  });
}

// Whether an operand reads the same wherever in the graph it is read.
bool is_stable(const Graph& graph, const Uses& uses, const Operand& operand) {
  if (operand.is_immediate()) return true;
  const size_t writes = uses.of[operand.memory].writes.size();
  return graph.memories[operand.memory].place == Place::kTemporary ? writes == 1 : writes == 0;
}

template <class T>
void append(std::string& key, const T& value) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class List>
void append_list(std::string& key, const List& list) {
  append(key, list.size());
  for (const auto& value : list) append(key, value);
}

void append_shape(std::string& key, const Shape& shape) {
  append(key, shape.rank());
  for (int64_t size : shape) append(key, size);
}

void append_operand(std::string& key, const Operand& operand) {
  append(key, operand.memory);
  append(key, operand.dtype);
  append(key, operand.offset);
  append(key, operand.immediate);
  append_shape(key, operand.shape);
  append_list(key, operand.strides);
}

// Equal for nodes that compute the same.
std::string key_of(const Node& node) {
  std::string key;
  append(key, node.op);
  append_list(key, node.attributes.ints);
  append_list(key, node.attributes.doubles);
  append(key, node.inputs.size());
  for (const Operand& input : node.inputs) append_operand(key, input);
  // Numbers fill any shape.
  for (const Operand& output : node.outputs) {
    append(key, output.dtype);
    append_shape(key, output.shape);
  }
  return key;
}

template <class Drop>
int erase_nodes(Graph& graph, Drop&& drop) {
  std::vector<Node> left;
  left.reserve(graph.nodes.size());
  for (uint32_t n = 0; n < graph.nodes.size(); ++n) {
    if (!drop(n)) left.push_back(std::move(graph.nodes[n]));
  }
  const auto erased = static_cast<int>(graph.nodes.size() - left.size());
  graph.nodes = std::move(left);
  return erased;
}

}  // namespace

void separate_versions(Graph& graph) {
  std::vector<uint32_t> now(graph.memories.size());
  for (uint32_t m = 0; m < now.size(); ++m) now[m] = m;
  std::vector<bool> written(graph.memories.size(), false);
  for (Node& node : graph.nodes) {
    for (Operand& input : node.inputs) {
      if (!input.is_immediate()) input.memory = now[input.memory];
    }
    for (Operand& output : node.outputs) {
      const uint32_t memory = output.memory;
      const bool replaces = graph.memories[memory].place == Place::kTemporary &&
                            output.covers(graph.memories[memory]) && !changes_operands(node);
      if (replaces && written[memory]) {
        now[memory] = graph.add_memory({.bytes = graph.memories[memory].bytes});
      }
      written[memory] = true;
      output.memory = now[memory];
    }
  }
}

int remove_dead_nodes(Graph& graph) {
  std::vector<bool> is_read(graph.memories.size(), false);
  for (size_t m = 0; m < is_read.size(); ++m) {
    const Place place = graph.memories[m].place;
    is_read[m] = place == Place::kKept || place == Place::kOuter;
  }
  std::vector<bool> lives(graph.nodes.size(), false);
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = graph.nodes[n];
    lives[n] = node.is_work() ||
               std::any_of(node.outputs.begin(), node.outputs.end(),
                           [&](const Operand& output) { return is_read[output.memory]; });
    if (!lives[n]) continue;
    for (const Operand& input : node.inputs) {
      if (!input.is_immediate()) is_read[input.memory] = true;
    }
  }
  return erase_nodes(graph, [&](uint32_t n) { return !lives[n]; });
}

int merge_common_nodes(Graph& graph) {
  const Uses uses(graph);
  absl::flat_hash_map<std::string, uint32_t> first;  // nodes
  std::vector<uint32_t> stands_for(graph.memories.size());
  for (uint32_t m = 0; m < stands_for.size(); ++m) stands_for[m] = m;
  std::vector<bool> drop(graph.nodes.size(), false);
  for (uint32_t n = 0; n < graph.nodes.size(); ++n) {
    Node& node = graph.nodes[n];
    for (Operand& input : node.inputs) {
      if (!input.is_immediate()) input.memory = stands_for[input.memory];
    }
    if (node.draw >= 0 || !makes_values(graph, uses, n) ||
        !std::all_of(node.inputs.begin(), node.inputs.end(),
                     [&](const Operand& input) { return is_stable(graph, uses, input); })) {
      continue;
    }
    const auto [place, is_new] = first.try_emplace(key_of(node), n);
    if (is_new) continue;
    const Node& same = graph.nodes[place->second];
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      stands_for[node.outputs[i].memory] = same.outputs[i].memory;
    }
    drop[n] = true;
  }
  return erase_nodes(graph, [&](uint32_t n) { return drop[n]; });
}

int fold_constants(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> fold(graph.nodes.size(), false);
  for (uint32_t n = 0; n < graph.nodes.size(); ++n) {
    Node& node = graph.nodes[n];
    fold[n] =
        node.draw < 0 && makes_values(graph, uses, n) &&
        std::all_of(node.inputs.begin(), node.inputs.end(), [&](const Operand& input) {
          return input.is_immediate() || graph.memories[input.memory].place == Place::kConstant;
        });
    for (const Operand& output : node.outputs) {
      fold[n] = fold[n] && graph.memories[output.memory].bytes <= kLargestConstant;
    }
    if (!fold[n]) continue;
    for (const Operand& output : node.outputs) {
      graph.memories[output.memory].place = Place::kConstant;
    }
    graph.constants.push_back(node);
  }
  return erase_nodes(graph, [&](uint32_t n) { return fold[n]; });
}

}  // namespace tessera::capture
