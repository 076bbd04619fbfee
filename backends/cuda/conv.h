// SPDX-License-Identifier: Apache-2.0
//
// conv2d and its gradients.
#ifndef TESSERA_BACKENDS_CUDA_CONV_H_
#define TESSERA_BACKENDS_CUDA_CONV_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> conv_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_CONV_H_
