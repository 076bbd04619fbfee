// SPDX-License-Identifier: Apache-2.0
//
// max_pool2d, its gradient, and avg_pool2d.
#ifndef TESSERA_BACKENDS_VULKAN_POOL_H_
#define TESSERA_BACKENDS_VULKAN_POOL_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> pool_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_POOL_H_
