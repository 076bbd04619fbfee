// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_CROSS_ENTROPY_H_
#define TESSERA_BACKENDS_CPU_CROSS_ENTROPY_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// cross_entropy, bce_with_logits and their gradients
std::span<const KernelEntry> cross_entropy_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_CROSS_ENTROPY_H_
