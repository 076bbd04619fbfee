// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "tessera/backends/runtime/device_state.h"
#include "tessera/tensor/capture/fuse.h"
#include "tessera/tensor/capture/supports.h"
#include "tessera/tensor/launch.h"

namespace tessera::capture {
namespace {

// max_pool2d(relu(conv2d(x, w, b))), and what backward makes of it, as numbers of nodes.
struct Chain {
  uint32_t conv, relu, pool;
  std::optional<uint32_t> pool_backward, relu_backward;
};

class Fuser {
 public:
  explicit Fuser(Graph& graph)
      : graph_(graph),
        uses_(graph),
        forward_op_(find_op("conv2d_relu_max_pool2d")),
        backward_op_(find_op("relu_max_pool2d_backward")),
        forward_(find_kernel(graph.device, *forward_op_)),
        backward_(find_kernel(graph.device, *backward_op_)) {}

  FuseCounts run() {
    FuseCounts counts;
    if (forward_ == nullptr || backward_ == nullptr) return counts;
    std::vector<std::pair<uint32_t, Node>> made;  // in place of this node
    std::vector<bool> drop(graph_.nodes.size(), false);
    for (uint32_t n = 0; n < graph_.nodes.size(); ++n) {
      const std::optional<Chain> chain = find(n);
      if (!chain.has_value()) continue;
      const uint32_t place = graph_.add_memory({.bytes = place_bytes(*chain)});
      Node forward = make_forward(*chain, place);
      std::optional<Node> backward;
      if (chain->relu_backward.has_value()) backward = make_backward(*chain, place);
      if (!supports(graph_.device, forward) ||
          (backward.has_value() && !supports(graph_.device, *backward))) {
        continue;
      }
      made.emplace_back(chain->pool, std::move(forward));
      for (uint32_t part : {chain->conv, chain->relu, chain->pool}) drop[part] = true;
      ++counts.groups;
      counts.nodes += 3;
      if (!backward.has_value()) continue;
      made.emplace_back(*chain->relu_backward, *std::move(backward));
      drop[*chain->pool_backward] = drop[*chain->relu_backward] = true;
      ++counts.groups;
      counts.nodes += 2;
    }
    if (!made.empty()) replace(drop, std::move(made));
    return counts;
  }

 private:
  bool is(uint32_t n, std::string_view op) const {
    return !graph_.nodes[n].is_work() && graph_.nodes[n].op->name == op;
  }

  // Whether the operand is all of a temporary that one node writes.
  bool is_value(const Operand& operand) const {
    if (operand.is_immediate()) return false;
    const Memory& memory = graph_.memories[operand.memory];
    return memory.place == Place::kTemporary && operand.covers(memory) &&
           uses_.of[operand.memory].writes.size() == 1;
  }

  // Whether nobody writes what the node reads between it and `until`, so that it may move there.
  bool may_move(uint32_t n, uint32_t until) const {
    for (const Operand& input : graph_.nodes[n].inputs) {
      if (input.is_immediate()) continue;
      for (uint32_t write : uses_.of[input.memory].writes) {
        if (write > n && write < until) return false;
      }
    }
    return true;
  }

  // The chain that ends with max_pool2d `n`, if it may be fused with the bits that it has.
  std::optional<Chain> find(uint32_t n) const {
    if (!is(n, "max_pool2d")) return std::nullopt;
    const Node& pool = graph_.nodes[n];
    const absl::InlinedVector<int64_t, 8>& ints = pool.attributes.ints;
    // Kernel, stride: of windows that overlap, gradients are added in another order.
    if (ints.size() != 9 || ints[2] < ints[0] || ints[3] < ints[1]) return std::nullopt;
    const Operand& activated = pool.inputs[0];
    if (!is_value(activated)) return std::nullopt;
    Chain chain = {.conv = 0, .relu = uses_.of[activated.memory].writes[0], .pool = n};
    if (!is(chain.relu, "relu")) return std::nullopt;
    const Operand& convolved = graph_.nodes[chain.relu].inputs[0];
    if (!is_value(convolved) || uses_.of[convolved.memory].reads.size() != 1) return std::nullopt;
    chain.conv = uses_.of[convolved.memory].writes[0];
    if (!is(chain.conv, "conv2d") || !may_move(chain.conv, n)) return std::nullopt;
    // Who else reads what relu gave?
    for (uint32_t reader : uses_.of[activated.memory].reads) {
      const Node& node = graph_.nodes[reader];
      if (reader == n) continue;
      const bool second =
          node.inputs.size() == 2 && !node.inputs[1].is_immediate() &&
          node.inputs[1].memory == activated.memory &&
          (node.inputs[0].is_immediate() || node.inputs[0].memory != activated.memory);
      if (second && is(reader, "max_pool2d_backward") && !chain.pool_backward.has_value() &&
          node.attributes.ints == ints) {
        chain.pool_backward = reader;
      } else if (second && is(reader, "relu_backward") && !chain.relu_backward.has_value()) {
        chain.relu_backward = reader;
      } else {
        return std::nullopt;
      }
    }
    if (chain.pool_backward.has_value() != chain.relu_backward.has_value()) return std::nullopt;
    if (!chain.pool_backward.has_value()) return chain;
    const Operand& spread = graph_.nodes[*chain.pool_backward].outputs[0];
    const bool feeds = is_value(spread) && uses_.of[spread.memory].reads.size() == 1 &&
                       uses_.of[spread.memory].reads[0] == *chain.relu_backward &&
                       may_move(*chain.pool_backward, *chain.relu_backward);
    return feeds ? std::optional<Chain>(chain) : std::nullopt;
  }

  uint64_t place_bytes(const Chain& chain) const {
    return static_cast<uint64_t>(graph_.nodes[chain.pool].outputs[0].shape.numel());
  }

  Operand place_operand(const Chain& chain, uint32_t memory) const {
    Operand place;
    place.memory = memory;
    place.dtype = kUInt8;
    place.shape = graph_.nodes[chain.pool].outputs[0].shape;
    place.strides = contiguous_strides(place.shape);
    return place;
  }

  Node make_forward(const Chain& chain, uint32_t place) const {
    const Node &conv = graph_.nodes[chain.conv], &pool = graph_.nodes[chain.pool];
    Node node;
    node.op = forward_op_;
    node.kernel = forward_;
    node.attributes = conv.attributes;
    node.attributes.ints.insert(node.attributes.ints.end(), pool.attributes.ints.begin(),
                                pool.attributes.ints.end());
    node.module = conv.module;
    node.inputs = conv.inputs;
    node.outputs = {pool.outputs[0], place_operand(chain, place)};
    return node;
  }

  Node make_backward(const Chain& chain, uint32_t place) const {
    const Node &pool = graph_.nodes[*chain.pool_backward],
               &relu = graph_.nodes[*chain.relu_backward];
    const Shape& shape = relu.outputs[0].shape;
    Node node;
    node.op = backward_op_;
    node.kernel = backward_;
    node.attributes = pool.attributes;
    node.attributes.ints.push_back(shape[2]);
    node.attributes.ints.push_back(shape[3]);
    node.module = pool.module;
    node.inputs = {pool.inputs[0], place_operand(chain, place)};
    node.outputs = {relu.outputs[0]};
    return node;
  }

  void replace(const std::vector<bool>& drop, std::vector<std::pair<uint32_t, Node>> made) {
    std::vector<Node> nodes;
    nodes.reserve(graph_.nodes.size());
    for (uint32_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!drop[n]) {
        nodes.push_back(std::move(graph_.nodes[n]));
        continue;
      }
      for (auto& [at, node] : made) {
        if (at == n) nodes.push_back(std::move(node));
      }
    }
    graph_.nodes = std::move(nodes);
  }

  Graph& graph_;
  const Uses uses_;
  const OpDef *forward_op_, *backward_op_;
  const TsrKernel *forward_, *backward_;
};

}  // namespace

FuseCounts fuse_conv_pool(Graph& graph) { return Fuser(graph).run(); }

}  // namespace tessera::capture
