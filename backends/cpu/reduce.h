// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_REDUCE_H_
#define TESSERA_BACKENDS_CPU_REDUCE_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// sum, prod, amax, amin, any, all
std::span<const KernelEntry> reduction_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_REDUCE_H_
