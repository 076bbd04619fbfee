// SPDX-License-Identifier: Apache-2.0
//
// cross_entropy, bce_with_logits and their gradients.
#ifndef TESSERA_BACKENDS_CUDA_CROSS_ENTROPY_H_
#define TESSERA_BACKENDS_CUDA_CROSS_ENTROPY_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> cross_entropy_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_CROSS_ENTROPY_H_
