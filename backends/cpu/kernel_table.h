// SPDX-License-Identifier: Apache-2.0
//
// All kernels of the plugin, by op.
#ifndef TESSERA_BACKENDS_CPU_KERNEL_TABLE_H_
#define TESSERA_BACKENDS_CPU_KERNEL_TABLE_H_

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::cpu {

// The kernel for `op`, or null.
const TsrKernel* find_kernel(const char* op);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_KERNEL_TABLE_H_
