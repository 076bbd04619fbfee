// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/cost.h"

#include <algorithm>
#include <string_view>

namespace tessera::capture {
namespace {

double numel(const Operand& operand) { return static_cast<double>(operand.shape.numel()); }

double last(const Operand& operand) { return static_cast<double>(operand.shape[-1]); }

// Two for each product of an element of `y` with a depth.
double product(const Operand& y, double depth) { return 2 * numel(y) * depth; }

// Elements of `w` (O, C / groups, kh, kw) that make an output.
double window(const Operand& w) {
  return numel(w) / static_cast<double>(std::max<int64_t>(1, w.shape[0]));
}

double flops_of(const Node& node) {
  const std::string_view op = node.op->name;
  const std::vector<Operand>&in = node.inputs, &out = node.outputs;
  if (op == "matmul" || op == "linear") return product(out[0], last(in[0]));
  if (op == "conv2d") return product(out[0], window(in[1]));
  if (op == "conv2d_backward_input") return product(in[0], window(in[1]));
  if (op == "conv2d_backward_weight") return product(in[0], window(out[0]));
  if (op == "scaled_dot_product_attention" || op == "scaled_dot_product_attention_backward") {
    // Two products with every score; seven backward, of which some make the scores again.
    const bool forward = out.size() == 2;
    const Operand &q = in[forward ? 0 : 1], &k = in[forward ? 1 : 2];
    const double scores = numel(q) / std::max(1.0, last(q)) * static_cast<double>(k.shape[-2]);
    const double causal = node.attributes.ints[0] != 0 ? 0.5 : 1;
    return causal * (forward ? 4 : 10) * scores * last(q);
  }
  if (op == "lstm") return product(in[0], last(in[1]));
  if (op == "lstm_backward") return product(out[0], last(in[0]));
  double most = 0;
  for (const std::vector<Operand>* operands : {&in, &out}) {
    for (const Operand& operand : *operands) {
      if (!operand.is_immediate()) most = std::max(most, numel(operand));
    }
  }
  return most;
}

}  // namespace

Cost cost_of(const Node& node) {
  Cost cost;
  if (node.is_work()) return cost;
  cost.flops = flops_of(node);
  for_each_in_memory(node, [&](const Operand& operand, bool) {
    cost.bytes += static_cast<double>(operand.bytes());
  });
  return cost;
}

}  // namespace tessera::capture
