// SPDX-License-Identifier: Apache-2.0
//
// cumsum, cumprod: inclusive scans.
#ifndef TESSERA_BACKENDS_VULKAN_SCAN_H_
#define TESSERA_BACKENDS_VULKAN_SCAN_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> scan_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_SCAN_H_
