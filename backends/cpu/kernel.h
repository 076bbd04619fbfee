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
#include "tessera/backends/plugin/kernel.h"

namespace tessera::cpu {

using plugin::check_counts;
using plugin::check_tensors;
using plugin::CheckFunction;
using plugin::data_of;
using plugin::KernelEntry;
using plugin::Lines;
using plugin::unsupported;

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

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_KERNEL_H_
