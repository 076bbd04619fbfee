// SPDX-License-Identifier: Apache-2.0
//
// softmax, log_softmax and their gradients.
#ifndef TESSERA_BACKENDS_CUDA_SOFTMAX_H_
#define TESSERA_BACKENDS_CUDA_SOFTMAX_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> softmax_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_SOFTMAX_H_
