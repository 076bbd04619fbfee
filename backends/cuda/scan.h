// SPDX-License-Identifier: Apache-2.0
//
// cumsum, cumprod.
#ifndef TESSERA_BACKENDS_CUDA_SCAN_H_
#define TESSERA_BACKENDS_CUDA_SCAN_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> scan_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_SCAN_H_
