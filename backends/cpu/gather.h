// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_GATHER_H_
#define TESSERA_BACKENDS_CPU_GATHER_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// gather, scatter, scatter_add, index_select, index_add
std::span<const KernelEntry> gather_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_GATHER_H_
