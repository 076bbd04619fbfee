// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_SORT_H_
#define TESSERA_BACKENDS_CPU_SORT_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// sort, topk
std::span<const KernelEntry> sort_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_SORT_H_
