// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_ARG_EXTREME_H_
#define TESSERA_BACKENDS_CPU_ARG_EXTREME_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// argmax, argmin
std::span<const KernelEntry> arg_extreme_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_ARG_EXTREME_H_
