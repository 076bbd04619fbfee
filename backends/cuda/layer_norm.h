// SPDX-License-Identifier: Apache-2.0
//
// layer_norm, rms_norm and their gradients.
#ifndef TESSERA_BACKENDS_CUDA_LAYER_NORM_H_
#define TESSERA_BACKENDS_CUDA_LAYER_NORM_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> layer_norm_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_LAYER_NORM_H_
