// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/report.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tessera::capture {
namespace {

constexpr size_t kSlowest = 10;

std::string shapes_of(const Node& node) {
  std::string text;
  for (const Operand& input : node.inputs) {
    absl::StrAppend(&text, text.empty() ? "" : ", ",
                    input.is_immediate() ? "number" : input.shape.to_string());
  }
  return text;
}

void append_slowest(const Program& program, std::string* text) {
  const std::vector<double>& seconds = program.node_seconds();
  if (seconds.empty() || program.num_runs() == 0) return;
  std::vector<uint32_t> order(seconds.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return seconds[a] > seconds[b]; });
  const double total = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  absl::StrAppend(text, "  slowest nodes, microseconds and share of the time:\n");
  for (size_t i = 0; i < std::min(kSlowest, order.size()); ++i) {
    const Node& node = program.graph().nodes[order[i]];
    if (node.is_work()) continue;
    absl::StrAppendFormat(text, "  %10.1f %5.1f%%  %s %s%s%s\n",
                          1e6 * seconds[order[i]] / static_cast<double>(program.num_runs()),
                          100 * seconds[order[i]] / total, node.op->name, shapes_of(node),
                          node.module.empty() ? "" : "  ", node.module);
  }
}

}  // namespace

std::string report_text(std::string_view inputs, const ReportData& data, const Program& program) {
  std::string text = absl::StrCat("step of ", inputs.empty() ? "no inputs" : inputs, "\n");
  absl::StrAppendFormat(
      &text,
      "  nodes       %d recorded, %d run (%d dead, %d common, %d constant, %d fused into %d)\n",
      data.recorded_nodes, data.nodes, data.dead, data.common, data.constant, data.fused_nodes,
      data.fused_groups);
  if (data.device_graphs > 0) {
    absl::StrAppendFormat(&text, "  prepared    %d nodes in %d runs, by the device\n",
                          data.prepared_nodes, data.device_graphs);
  }
  absl::StrAppendFormat(
      &text, "  arena       %.3f MiB, without a recording %.3f MiB; constants %.3f MiB\n",
      static_cast<double>(data.arena_bytes) / (1 << 20),
      static_cast<double>(data.eager_peak_bytes) / (1 << 20),
      static_cast<double>(data.constant_bytes) / (1 << 20));
  absl::StrAppendFormat(&text, "  a run       %.4g GFLOP, %.4g MB read and written; %d so far\n",
                        data.flops * 1e-9, data.bytes * 1e-6, data.runs);
  append_slowest(program, &text);
  return text;
}

}  // namespace tessera::capture
