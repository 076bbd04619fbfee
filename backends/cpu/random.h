// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_RANDOM_H_
#define TESSERA_BACKENDS_CPU_RANDOM_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// random_uniform, random_normal, random_bits
std::span<const KernelEntry> random_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_RANDOM_H_
