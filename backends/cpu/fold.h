// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_FOLD_H_
#define TESSERA_BACKENDS_CPU_FOLD_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// fold_windows
std::span<const KernelEntry> fold_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_FOLD_H_
