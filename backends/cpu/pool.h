// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_POOL_H_
#define TESSERA_BACKENDS_CPU_POOL_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// max_pool2d, max_pool2d_backward, avg_pool2d
std::span<const KernelEntry> pool_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_POOL_H_
