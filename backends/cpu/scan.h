// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_SCAN_H_
#define TESSERA_BACKENDS_CPU_SCAN_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// cumsum, cumprod
std::span<const KernelEntry> scan_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_SCAN_H_
