// SPDX-License-Identifier: Apache-2.0
//
// Scaled dot product attention and its gradient, tile by tile.
#ifndef TESSERA_BACKENDS_CPU_ATTENTION_H_
#define TESSERA_BACKENDS_CPU_ATTENTION_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

std::span<const KernelEntry> attention_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_ATTENTION_H_
