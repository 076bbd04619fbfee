// SPDX-License-Identifier: Apache-2.0
//
// sort, topk: stable, nan greatest.
#ifndef TESSERA_BACKENDS_VULKAN_SORT_H_
#define TESSERA_BACKENDS_VULKAN_SORT_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> sort_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_SORT_H_
