// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_OPTIMIZER_H_
#define TESSERA_BACKENDS_CPU_OPTIMIZER_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// sgd_step, adam_step ...: TESSERA_OPTIMIZER_STEPS
std::span<const KernelEntry> optimizer_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_OPTIMIZER_H_
