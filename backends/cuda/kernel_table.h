// SPDX-License-Identifier: Apache-2.0
//
// All kernels by the names of their ops.
#ifndef TESSERA_BACKENDS_CUDA_KERNEL_TABLE_H_
#define TESSERA_BACKENDS_CUDA_KERNEL_TABLE_H_

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::cuda {

// Null if there is none.
const TsrKernel* find_kernel(const char* op);

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_KERNEL_TABLE_H_
