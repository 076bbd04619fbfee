// SPDX-License-Identifier: Apache-2.0
//
// scaled_dot_product_attention and its gradient.
#ifndef TESSERA_BACKENDS_CUDA_ATTENTION_H_
#define TESSERA_BACKENDS_CUDA_ATTENTION_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> attention_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_ATTENTION_H_
