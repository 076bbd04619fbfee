// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_SOFTMAX_H_
#define TESSERA_BACKENDS_CPU_SOFTMAX_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// softmax, log_softmax and their gradients
std::span<const KernelEntry> softmax_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_SOFTMAX_H_
