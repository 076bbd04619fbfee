// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_CPU_CONV_H_
#define TESSERA_BACKENDS_CPU_CONV_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// conv2d, conv2d_backward_input, conv2d_backward_weight
std::span<const KernelEntry> conv_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_CONV_H_
