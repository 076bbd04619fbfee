// SPDX-License-Identifier: Apache-2.0
//
// random_bits, random_uniform, random_normal.
#ifndef TESSERA_BACKENDS_CUDA_RANDOM_H_
#define TESSERA_BACKENDS_CUDA_RANDOM_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> random_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_RANDOM_H_
