// SPDX-License-Identifier: Apache-2.0
//
// sum, prod, amax, amin, any, all: reductions over any dims, the same in every run.
#ifndef TESSERA_BACKENDS_CUDA_REDUCE_H_
#define TESSERA_BACKENDS_CUDA_REDUCE_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> reduce_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_REDUCE_H_
