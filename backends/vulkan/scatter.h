// SPDX-License-Identifier: Apache-2.0
//
// scatter, scatter_add, index_add: elements or rows put or added where indices say.
#ifndef TESSERA_BACKENDS_VULKAN_SCATTER_H_
#define TESSERA_BACKENDS_VULKAN_SCATTER_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> scatter_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_SCATTER_H_
