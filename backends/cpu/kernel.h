// SPDX-License-Identifier: Apache-2.0
//
// What the files of kernels share: the table entry that each offers, and checks of a node's form.
#ifndef TESSERA_BACKENDS_CPU_KERNEL_H_
#define TESSERA_BACKENDS_CPU_KERNEL_H_

#include <new>
#include <span>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cpu/handles.h"
#include "tessera/backends/cpu/layout.h"
#include "tessera/backends/cpu/status.h"

namespace tessera::cpu {

// TSR_OK if a kernel takes the node; looks at everything but data.
using CheckFunction = TsrStatus (*)(const TsrNode& node, TsrMessage* message);

// A kernel by the name of its op.
struct KernelEntry {
  const char* op;
  TsrKernel kernel;
};

// A `TsrKernel.supports` that answers what `check` does.
template <CheckFunction check>
TsrStatus supports(TsrDevice*, const TsrNode* node, TsrMessage* message) {
  return check(*node, message);
}

// What kernels throw inside the plugin when they run out of scratch memory (workspace.h).
struct KernelFailure {
  TsrStatus status;
};

// A kernel that runs `check`, then `run`, which need not check again.
template <CheckFunction check, TsrStatus (*run)(TsrStream*, const TsrNode&, TsrMessage*)>
TsrStatus checked_launch(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check(*node, message));
  try {
    return run(stream, *node, message);
  } catch (const KernelFailure& failure) {
    return failure.status;
  } catch (const std::bad_alloc&) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "%s: out of memory", node->op);
  }
}

template <CheckFunction check, TsrStatus (*run)(TsrStream*, const TsrNode&, TsrMessage*)>
constexpr TsrKernel make_kernel() {
  return {sizeof(TsrKernel), checked_launch<check, run>, supports<check>};
}

[[gnu::cold]] inline TsrStatus unsupported(const TsrNode& node, const char* what,
                                           TsrMessage* message) {
  return fail(
      message, TSR_UNIMPLEMENTED,
      "%s: the cpu backend has no kernel for this %s: %u inputs, %u outputs, %u integer and "
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

// TSR_UNIMPLEMENTED unless all outputs are dense and all tensors have at most kMaxRank dims and a
// known dtype.
inline TsrStatus check_tensors(const TsrNode& node, TsrMessage* message) {
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    if (node.inputs[i]->rank > kMaxRank) return unsupported(node, "rank", message);
    if (item_size(node.inputs[i]->dtype) == 0) return unsupported(node, "dtype", message);
  }
  for (uint32_t i = 0; i < node.n_outputs; ++i) {
    if (node.outputs[i]->rank > kMaxRank) return unsupported(node, "rank", message);
    if (item_size(node.outputs[i]->dtype) == 0) return unsupported(node, "dtype", message);
    if (!is_dense(*node.outputs[i])) return unsupported(node, "layout of the output", message);
  }
  return TSR_OK;
}

using plugin::Lines;

template <class T>
T* data_of(const TsrTensor& t) {
  return static_cast<T*>(t.data);
}

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_KERNEL_H_
