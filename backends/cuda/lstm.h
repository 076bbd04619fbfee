// SPDX-License-Identifier: Apache-2.0
//
// lstm and its gradient.
#ifndef TESSERA_BACKENDS_CUDA_LSTM_H_
#define TESSERA_BACKENDS_CUDA_LSTM_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> lstm_kernels();

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_LSTM_H_
