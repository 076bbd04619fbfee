// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_BATCH_NORM_H_
#define TESSERA_BACKENDS_CPU_BATCH_NORM_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// batch_norm by the batch's own statistics, and its gradient
std::span<const KernelEntry> batch_norm_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_BATCH_NORM_H_
