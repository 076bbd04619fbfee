// SPDX-License-Identifier: Apache-2.0
//
// fold_windows: sums of overlapping windows.
#ifndef TESSERA_BACKENDS_VULKAN_FOLD_H_
#define TESSERA_BACKENDS_VULKAN_FOLD_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> fold_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_FOLD_H_
