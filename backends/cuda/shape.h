// SPDX-License-Identifier: Apache-2.0
//
// cat, pad, flip.
#ifndef TESSERA_BACKENDS_CUDA_SHAPE_H_
#define TESSERA_BACKENDS_CUDA_SHAPE_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> shape_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_SHAPE_H_
