// SPDX-License-Identifier: Apache-2.0
//
// fold_windows.
#ifndef TESSERA_BACKENDS_CUDA_FOLD_H_
#define TESSERA_BACKENDS_CUDA_FOLD_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> fold_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_FOLD_H_
