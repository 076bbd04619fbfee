// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/elementwise.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tessera/backends/cuda/elementwise_ops.h"

namespace tessera::cuda {
namespace {

bool before(const ElementwiseOp& a, const ElementwiseOp& b) {
  return std::strcmp(a.name, b.name) < 0;
}

// By name. What stands twice in the lists, with one struct for each domain, is one op.
std::vector<ElementwiseOp> merged_ops() {
  std::vector<ElementwiseOp> all;
  for (std::span<const ElementwiseOp> family :
       {unary_ops(), binary_ops(), ternary_ops(), logical_ops()}) {
    for (const ElementwiseOp& op : family) {
      const auto seen = std::find_if(all.begin(), all.end(), [&](const ElementwiseOp& other) {
        return std::strcmp(other.name, op.name) == 0;
      });
      if (seen == all.end()) {
        all.push_back(op);
        continue;
      }
      for (uint32_t dtype = 0; dtype < plugin::kDtypeCount; ++dtype) {
        if (op.launches[dtype] != nullptr) seen->launches[dtype] = op.launches[dtype];
      }
    }
  }
  std::sort(all.begin(), all.end(), before);
  return all;
}

const std::vector<ElementwiseOp>& ops() {
  static const auto& ops = *new std::vector<ElementwiseOp>(merged_ops());
  return ops;
}

const ElementwiseOp& op_of(const TsrNode& node) {
  return *std::lower_bound(ops().begin(), ops().end(), ElementwiseOp{node.op}, before);
}

TsrStatus check_node(const TsrNode& node, TsrMessage* message) {
  const ElementwiseOp& op = op_of(node);
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, op.inputs, 1, 0, 0, message));
  const TsrTensor& y = *node.outputs[0];
  const uint32_t dtype = node.inputs[op.inputs - 1]->dtype;
  bool known = dtype < plugin::kDtypeCount && op.launches[dtype] != nullptr &&
               y.dtype == (op.form == ElementwiseForm::kToBool ? uint32_t{TSR_BOOL} : dtype);
  for (uint32_t i = 0; i < op.inputs; ++i) {
    const bool condition = op.form == ElementwiseForm::kCondition && i == 0;
    known = known && node.inputs[i]->dtype == (condition ? uint32_t{TSR_BOOL} : dtype);
  }
  if (!known) return unsupported(node, "combination of dtypes", message);
  if (!is_dense(y)) return unsupported(node, "layout of the output", message);
  return TSR_OK;
}

void run_node(Launcher& launcher, const TsrNode& node) {
  const ElementwiseOp& op = op_of(node);
  op.launches[node.inputs[op.inputs - 1]->dtype](launcher, node);
}

std::vector<KernelEntry> make_entries() {
  std::vector<KernelEntry> entries;
  for (const ElementwiseOp& op : ops()) {
    entries.push_back({op.name, make_kernel<check_node, run_node>()});
  }
  return entries;
}

}  // namespace

std::span<const KernelEntry> elementwise_kernels() {
  static const auto& entries = *new std::vector<KernelEntry>(make_entries());
  return entries;
}

}  // namespace tessera::cuda
