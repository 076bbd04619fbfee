// SPDX-License-Identifier: Apache-2.0
//
// What the files of kernels share: the table entry that each offers, and checks of a node's form.
//
//   std::span<const KernelEntry> flip_kernels() {
//     static constexpr KernelEntry kKernels[] = {{"flip", make_kernel<check_flip, run_flip>()}};
//     return kKernels;
//   }
#ifndef TESSERA_BACKENDS_CUDA_KERNEL_H_
#define TESSERA_BACKENDS_CUDA_KERNEL_H_

#include <span>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/launcher.h"
#include "tessera/backends/plugin/dtype.h"
#include "tessera/backends/plugin/layout.h"
#include "tessera/backends/plugin/status.h"

namespace tessera::cuda {

using plugin::element_count;
using plugin::fail;
using plugin::is_dense;
using plugin::Lines;

// A kernel by the name of its op.
struct KernelEntry {
  const char* op;
  TsrKernel kernel;
};

// TSR_OK if a kernel takes the node; looks at everything but data.
using CheckFunction = TsrStatus (*)(const TsrNode& node, TsrMessage* message);
// Launches the work of a node that passed the check. Throws KernelFailure.
using RunFunction = void (*)(Launcher& launcher, const TsrNode& node);

TsrStatus launch_node(CheckFunction check, RunFunction run, TsrStream* stream, const TsrNode& node,
                      TsrMessage* message);
// What no kernel takes: tensors of more than kMaxRank dims, or with strides below 0.
TsrStatus check_ranks(const TsrNode& node, TsrMessage* message);

template <CheckFunction check, RunFunction run>
constexpr TsrKernel make_kernel() {
  return {sizeof(TsrKernel),
          [](TsrStream* stream, const TsrNode* node, TsrMessage* message) {
            return launch_node(check, run, stream, *node, message);
          },
          [](TsrDevice*, const TsrNode* node, TsrMessage* message) {
            TESSERA_PLUGIN_RETURN_IF_ERROR(check_ranks(*node, message));
            return check(*node, message);
          }};
}

[[gnu::cold]] inline TsrStatus unsupported(const TsrNode& node, const char* what,
                                           TsrMessage* message) {
  return fail(message, TSR_UNIMPLEMENTED,
              "%s: the cuda backend has no kernel for this %s: %u inputs, %u outputs, %u integer "
              "and %u real attributes, first output %s of rank %u",
              node.op, what, node.n_inputs, node.n_outputs, node.n_ints, node.n_doubles,
              node.n_outputs > 0 ? plugin::dtype_name(node.outputs[0]->dtype) : "none",
              node.n_outputs > 0 ? node.outputs[0]->rank : 0);
}

// TSR_UNIMPLEMENTED unless the node has so many of each.
inline TsrStatus check_counts(const TsrNode& node, uint32_t inputs, uint32_t outputs, uint32_t ints,
                              uint32_t doubles, TsrMessage* message) {
  if (node.n_inputs != inputs || node.n_outputs != outputs || node.n_ints != ints ||
      node.n_doubles != doubles) {
    return unsupported(node, "number of operands or attributes", message);
  }
  return TSR_OK;
}

// TSR_UNIMPLEMENTED unless all outputs are dense and all dtypes known.
inline TsrStatus check_tensors(const TsrNode& node, TsrMessage* message) {
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    if (plugin::item_size(node.inputs[i]->dtype) == 0) return unsupported(node, "dtype", message);
  }
  for (uint32_t i = 0; i < node.n_outputs; ++i) {
    if (plugin::item_size(node.outputs[i]->dtype) == 0) return unsupported(node, "dtype", message);
    if (!is_dense(*node.outputs[i])) return unsupported(node, "layout of the output", message);
  }
  return TSR_OK;
}

inline bool is_immediate(const TsrTensor& t) { return (t.flags & TSR_TENSOR_IMMEDIATE) != 0; }

template <class T>
T* data_of(const TsrTensor& t) {
  return static_cast<T*>(t.data);
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_KERNEL_H_
