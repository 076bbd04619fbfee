// SPDX-License-Identifier: Apache-2.0
//
// copy and arange.
#ifndef TESSERA_BACKENDS_CUDA_COPY_H_
#define TESSERA_BACKENDS_CUDA_COPY_H_

#include <span>

#include "tessera/backends/cuda/kernel.h"

namespace tessera::cuda {

std::span<const KernelEntry> copy_kernels();

// The values of `from` in `to`, which has its shape.
void copy_elements(Launcher& launcher, const TsrTensor& from, const TsrTensor& to);
// The elements of t one after another, where they are or copied to scratch.
const void* dense_elements(Launcher& launcher, const TsrTensor& t);

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_COPY_H_
