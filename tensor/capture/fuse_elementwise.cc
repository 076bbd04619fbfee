// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "tessera/backends/elementwise/chain.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/tensor/capture/fuse.h"
#include "tessera/tensor/capture/supports.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/ops/chain.h"

namespace tessera::capture {
namespace {

using elementwise::ChainResult;

// Nodes that will become one, in order. The node stands where the last of them stood, so between
// the first and the last nobody else may read their results or change what they read.
struct Group {
  std::vector<uint32_t> nodes;
  bool is_open = true;
};

class Fuser {
 public:
  explicit Fuser(Graph& graph)
      : graph_(graph), uses_(graph), chain_(find_kernel(graph.device, elementwise_chain_op())) {}

  FuseCounts run() {
    if (chain_ == nullptr) return {};
    find_groups();
    return replace();
  }

 private:
  // Whether the node may be a step: an op of the lists that fills one temporary.
  bool is_step(const Node& node) const {
    if (node.is_work() || !node.op->has(kElementwise) || node.outputs.size() != 1 ||
        !node.attributes.ints.empty() || !node.attributes.doubles.empty() || node.inputs.empty() ||
        node.inputs.size() > elementwise::kMaxChainOperands) {
      return false;
    }
    const Operand& output = node.outputs[0];
    const Memory& memory = graph_.memories[output.memory];
    const bool fills = output.covers(memory) && uses_.of[output.memory].writes.size() == 1 &&
                       (memory.place == Place::kTemporary || memory.place == Place::kKept);
    return fills && output.shape.numel() > 0 &&
           elementwise::chain_result(node.op->name) != ChainResult::kNone;
  }

  bool is_member(const Group& group, uint32_t memory) const {
    return std::any_of(group.nodes.begin(), group.nodes.end(),
                       [&](uint32_t n) { return graph_.nodes[n].outputs[0].memory == memory; });
  }

  // Whether `operand` is all of a result of the group, as it was written.
  bool takes_whole(const Operand& operand) const {
    return operand.covers(graph_.memories[operand.memory]);
  }

  // A node that does not join: groups end whose results it reads or whose inputs it changes.
  void pass_by(const Node& node) {
    for (Group& group : groups_) {
      if (!group.is_open) continue;
      bool ends = node.is_work();
      for_each_in_memory(node, [&](const Operand& operand, bool is_output) {
        ends = ends || is_member(group, operand.memory) || (is_output && reads(group, operand));
      });
      if (ends) group.is_open = false;
    }
  }

  bool reads(const Group& group, const Operand& written) const {
    for (uint32_t n : group.nodes) {
      for (const Operand& input : graph_.nodes[n].inputs) {
        if (!input.is_immediate() && input.memory == written.memory) return true;
      }
    }
    return false;
  }

  // The open groups whose results the node reads; empty unless it may join them all.
  std::vector<size_t> joinable(const Node& node) const {
    std::vector<size_t> found;
    const Shape& shape = node.outputs[0].shape;
    for (size_t g = 0; g < groups_.size(); ++g) {
      const Group& group = groups_[g];
      if (!group.is_open) continue;
      bool uses_it = false, fits = true;
      for (const Operand& input : node.inputs) {
        if (input.is_immediate() || !is_member(group, input.memory)) continue;
        uses_it = true;
        fits = fits && takes_whole(input) && input.shape == shape;
      }
      if (!uses_it) continue;
      fits = fits && graph_.nodes[group.nodes[0]].outputs[0].shape == shape;
      if (!fits) return {};
      found.push_back(g);
    }
    return found;
  }

  void find_groups() {
    for (uint32_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      if (!is_step(node)) {
        pass_by(node);
        continue;
      }
      const std::vector<size_t> sources = joinable(node);
      Group joined;
      for (size_t g : sources) {
        joined.nodes.insert(joined.nodes.end(), groups_[g].nodes.begin(), groups_[g].nodes.end());
      }
      joined.nodes.push_back(n);
      std::sort(joined.nodes.begin(), joined.nodes.end());
      if (sources.empty() || !make(joined).has_value()) {
        pass_by(node);
        joined.nodes = {n};
        if (make(joined).has_value()) groups_.push_back(std::move(joined));
        continue;
      }
      for (size_t g : sources) groups_[g] = Group{{}, false};
      // Groups that do not take part see it as any node.
      pass_by(node);
      groups_.push_back(std::move(joined));
    }
  }

  // The chain of the group's nodes; none if it would be too long or no kernel takes it.
  std::optional<Node> make(const Group& group) const {
    if (group.nodes.size() > static_cast<size_t>(elementwise::kMaxChainSteps)) return std::nullopt;
    Node chain;
    chain.op = &elementwise_chain_op();
    chain.kernel = chain_;
    chain.module = graph_.nodes[group.nodes.back()].module;
    std::map<uint32_t, int64_t> step_of;  // by memory
    Attributes steps;
    std::vector<int64_t> outputs;
    for (size_t s = 0; s < group.nodes.size(); ++s) {
      const Node& node = graph_.nodes[group.nodes[s]];
      int64_t operands[elementwise::kMaxChainOperands];
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        const Operand& input = node.inputs[i];
        const auto step = input.is_immediate() ? step_of.end() : step_of.find(input.memory);
        operands[i] = step != step_of.end() ? -1 - step->second : number_of(chain.inputs, input);
      }
      elementwise::append_chain_step(steps.ints, node.op->name, operands, node.inputs.size());
      const Operand& output = node.outputs[0];
      step_of[output.memory] = static_cast<int64_t>(s);
      if (is_needed(group, output.memory)) {
        outputs.push_back(static_cast<int64_t>(s));
        chain.outputs.push_back(output);
      }
    }
    if (chain.inputs.size() > static_cast<size_t>(elementwise::kMaxChainInputs) ||
        outputs.size() > static_cast<size_t>(elementwise::kMaxChainOutputs) || outputs.empty()) {
      return std::nullopt;
    }
    chain.attributes.ints.push_back(static_cast<int64_t>(group.nodes.size()));
    chain.attributes.ints.push_back(static_cast<int64_t>(outputs.size()));
    chain.attributes.ints.insert(chain.attributes.ints.end(), outputs.begin(), outputs.end());
    chain.attributes.ints.insert(chain.attributes.ints.end(), steps.ints.begin(), steps.ints.end());
    if (!supports(graph_.device, chain)) return std::nullopt;
    return chain;
  }

  // The place of `input` among the chain's inputs; added if it is not there.
  static int64_t number_of(std::vector<Operand>& inputs, const Operand& input) {
    const auto same = std::find_if(inputs.begin(), inputs.end(), [&](const Operand& other) {
      return other.memory == input.memory && other.dtype == input.dtype &&
             other.shape == input.shape && other.strides == input.strides &&
             other.offset == input.offset && other.immediate == input.immediate;
    });
    if (same == inputs.end()) {
      inputs.push_back(input);
      return static_cast<int64_t>(inputs.size()) - 1;
    }
    return same - inputs.begin();
  }

  // Whether anybody else reads the result.
  bool is_needed(const Group& group, uint32_t memory) const {
    if (graph_.memories[memory].place == Place::kKept) return true;
    const std::vector<uint32_t>& reads = uses_.of[memory].reads;
    return !std::all_of(reads.begin(), reads.end(), [&](uint32_t n) {
      return std::binary_search(group.nodes.begin(), group.nodes.end(), n);
    });
  }

  FuseCounts replace() {
    FuseCounts counts;
    std::vector<std::optional<Node>> in_place_of(graph_.nodes.size());
    std::vector<bool> drop(graph_.nodes.size(), false);
    for (const Group& group : groups_) {
      if (group.nodes.size() < 2) continue;
      in_place_of[group.nodes.back()] = make(group);
      for (uint32_t n : group.nodes) drop[n] = true;
      ++counts.groups;
      counts.nodes += static_cast<int>(group.nodes.size());
    }
    std::vector<Node> nodes;
    nodes.reserve(graph_.nodes.size());
    for (uint32_t n = 0; n < graph_.nodes.size(); ++n) {
      if (in_place_of[n].has_value()) {
        nodes.push_back(*std::move(in_place_of[n]));
      } else if (!drop[n]) {
        nodes.push_back(std::move(graph_.nodes[n]));
      }
    }
    graph_.nodes = std::move(nodes);
    return counts;
  }

  Graph& graph_;
  const Uses uses_;
  const TsrKernel* chain_;
  std::vector<Group> groups_;
};

}  // namespace

FuseCounts fuse_elementwise(Graph& graph) { return Fuser(graph).run(); }

}  // namespace tessera::capture
