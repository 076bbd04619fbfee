// SPDX-License-Identifier: Apache-2.0
//
// Kernels by the names of their ops, and checks of a node's form.
//
//   TsrStatus check_flip(const TsrNode& node, TsrMessage* message) {
//     TESSERA_PLUGIN_RETURN_IF_ERROR(plugin::check_counts(node, 1, 1, node.n_ints, 0, message));
//     return plugin::check_tensors(node, message);
//   }
#ifndef TESSERA_BACKENDS_PLUGIN_KERNEL_H_
#define TESSERA_BACKENDS_PLUGIN_KERNEL_H_

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <span>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/plugin/dtype.h"
#include "tessera/backends/plugin/layout.h"
#include "tessera/backends/plugin/status.h"

namespace tessera::plugin {

struct KernelEntry {
  const char* op;
  TsrKernel kernel;
};

// What kernel_find() looks into. Made once; the entries' names must stay.
class KernelTable {
 public:
  KernelTable(std::initializer_list<std::span<const KernelEntry>> families) {
    for (std::span<const KernelEntry> family : families) {
      kernels_.insert(kernels_.end(), family.begin(), family.end());
    }
    std::sort(kernels_.begin(), kernels_.end(), before);
  }
  // Null if there is none.
  const TsrKernel* find(const char* op) const {
    const KernelEntry wanted = {op, {}};
    const auto found = std::lower_bound(kernels_.begin(), kernels_.end(), wanted, before);
    if (found == kernels_.end() || std::strcmp(found->op, op) != 0) return nullptr;
    return &found->kernel;
  }

 private:
  static bool before(const KernelEntry& a, const KernelEntry& b) {
    return std::strcmp(a.op, b.op) < 0;
  }
  std::vector<KernelEntry> kernels_;
};

// TSR_OK if a kernel takes the node; looks at everything but data.
using CheckFunction = TsrStatus (*)(const TsrNode& node, TsrMessage* message);

// TSR_UNIMPLEMENTED, with what it is of the node that no kernel takes: "dtype", "rank".
[[gnu::cold]] inline TsrStatus unsupported(const TsrNode& node, const char* what,
                                           TsrMessage* message) {
  return fail(message, TSR_UNIMPLEMENTED,
              "%s: the backend has no kernel for this %s: %u inputs, %u outputs, %u integer and "
              "%u real attributes, first output %s of rank %u",
              node.op, what, node.n_inputs, node.n_outputs, node.n_ints, node.n_doubles,
              node.n_outputs > 0 ? dtype_name(node.outputs[0]->dtype) : "none",
              node.n_outputs > 0 ? node.outputs[0]->rank : 0);
}

// TSR_UNIMPLEMENTED unless the node has so many of each.
inline TsrStatus check_counts(const TsrNode& node, uint32_t inputs, uint32_t outputs, uint32_t ints,
                              uint32_t doubles, TsrMessage* message) {
  if (node.n_inputs != inputs || node.n_outputs != outputs || node.n_ints != ints ||
      node.n_doubles != doubles) [[unlikely]] {
    return unsupported(node, "number of operands or attributes", message);
  }
  return TSR_OK;
}

// TSR_UNIMPLEMENTED unless all outputs are dense, and all tensors have at most `max_rank` dims and
// a known dtype.
inline TsrStatus check_tensors(const TsrNode& node, TsrMessage* message,
                               uint32_t max_rank = kMaxRank) {
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    if (node.inputs[i]->rank > max_rank) return unsupported(node, "rank", message);
    if (item_size(node.inputs[i]->dtype) == 0) return unsupported(node, "dtype", message);
  }
  for (uint32_t i = 0; i < node.n_outputs; ++i) {
    if (node.outputs[i]->rank > max_rank) return unsupported(node, "rank", message);
    if (item_size(node.outputs[i]->dtype) == 0) return unsupported(node, "dtype", message);
    if (!is_dense(*node.outputs[i])) return unsupported(node, "layout of the output", message);
  }
  return TSR_OK;
}

inline bool is_immediate(const TsrTensor& t) { return (t.flags & TSR_TENSOR_IMMEDIATE) != 0; }

template <class T>
T* data_of(const TsrTensor& t) {
  return static_cast<T*>(t.data);
}

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_KERNEL_H_
