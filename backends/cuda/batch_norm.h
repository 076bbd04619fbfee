// SPDX-License-Identifier: Apache-2.0
//
// batch_norm and its gradient.
#ifndef TESSERA_BACKENDS_CUDA_BATCH_NORM_H_
#define TESSERA_BACKENDS_CUDA_BATCH_NORM_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> batch_norm_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_BATCH_NORM_H_
