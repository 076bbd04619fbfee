// SPDX-License-Identifier: Apache-2.0
//
// matmul and linear.
#ifndef TESSERA_BACKENDS_CUDA_MATMUL_H_
#define TESSERA_BACKENDS_CUDA_MATMUL_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> matmul_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_MATMUL_H_
