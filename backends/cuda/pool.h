// SPDX-License-Identifier: Apache-2.0
//
// max_pool2d, its gradient, and avg_pool2d.
#ifndef TESSERA_BACKENDS_CUDA_POOL_H_
#define TESSERA_BACKENDS_CUDA_POOL_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> pool_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_POOL_H_
