// SPDX-License-Identifier: Apache-2.0
//
// argmax, argmin.
#ifndef TESSERA_BACKENDS_CUDA_ARG_EXTREME_H_
#define TESSERA_BACKENDS_CUDA_ARG_EXTREME_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> arg_extreme_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_ARG_EXTREME_H_
