// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_SHAPE_H_
#define TESSERA_BACKENDS_CPU_SHAPE_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// cat, pad, flip, arange
std::span<const KernelEntry> shape_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_SHAPE_H_
