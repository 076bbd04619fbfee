// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_LAYER_NORM_H_
#define TESSERA_BACKENDS_CPU_LAYER_NORM_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// layer_norm, rms_norm and their gradients
std::span<const KernelEntry> layer_norm_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_LAYER_NORM_H_
