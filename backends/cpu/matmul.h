// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_MATMUL_H_
#define TESSERA_BACKENDS_CPU_MATMUL_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// matmul, linear
std::span<const KernelEntry> matmul_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_MATMUL_H_
