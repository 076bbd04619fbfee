// SPDX-License-Identifier: Apache-2.0
//
// matmul and linear.
#ifndef TESSERA_BACKENDS_VULKAN_MATMUL_H_
#define TESSERA_BACKENDS_VULKAN_MATMUL_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> matmul_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_MATMUL_H_
