// SPDX-License-Identifier: Apache-2.0
//
// The elementwise ops of backends/elementwise, and where.
#ifndef TESSERA_BACKENDS_CUDA_ELEMENTWISE_H_
#define TESSERA_BACKENDS_CUDA_ELEMENTWISE_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> elementwise_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_ELEMENTWISE_H_
