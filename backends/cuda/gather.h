// SPDX-License-Identifier: Apache-2.0
//
// gather, index_select, scatter, scatter_add, index_add.
#ifndef TESSERA_BACKENDS_CUDA_GATHER_H_
#define TESSERA_BACKENDS_CUDA_GATHER_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> gather_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_GATHER_H_
