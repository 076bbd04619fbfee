// SPDX-License-Identifier: Apache-2.0
//
// sort, topk.
#ifndef TESSERA_BACKENDS_CUDA_SORT_H_
#define TESSERA_BACKENDS_CUDA_SORT_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> sort_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_SORT_H_
