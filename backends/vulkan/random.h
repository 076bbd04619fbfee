// SPDX-License-Identifier: Apache-2.0
//
// Random numbers, bit for bit those of backends/random.
#ifndef TESSERA_BACKENDS_VULKAN_RANDOM_H_
#define TESSERA_BACKENDS_VULKAN_RANDOM_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> random_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_RANDOM_H_
