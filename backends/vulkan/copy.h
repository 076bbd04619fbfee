// SPDX-License-Identifier: Apache-2.0
//
// copy and arange.
#ifndef TESSERA_BACKENDS_VULKAN_COPY_H_
#define TESSERA_BACKENDS_VULKAN_COPY_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> copy_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_COPY_H_
