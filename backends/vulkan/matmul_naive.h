// SPDX-License-Identifier: Apache-2.0
//
// matmul without tiles, for benchmarks: what the kernel of that name is measured against.
#ifndef TESSERA_BACKENDS_VULKAN_MATMUL_NAIVE_H_
#define TESSERA_BACKENDS_VULKAN_MATMUL_NAIVE_H_

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::vulkan {

// For two dense float32 matrices.
const TsrKernel& naive_matmul_kernel();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_MATMUL_NAIVE_H_
