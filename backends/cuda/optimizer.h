// SPDX-License-Identifier: Apache-2.0
//
// Optimizer steps, many tensors in a launch.
#ifndef TESSERA_BACKENDS_CUDA_OPTIMIZER_H_
#define TESSERA_BACKENDS_CUDA_OPTIMIZER_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> optimizer_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_OPTIMIZER_H_
