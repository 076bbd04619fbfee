// SPDX-License-Identifier: Apache-2.0
//
// batch_norm and its gradient.
#ifndef TESSERA_BACKENDS_VULKAN_BATCH_NORM_H_
#define TESSERA_BACKENDS_VULKAN_BATCH_NORM_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> batch_norm_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_BATCH_NORM_H_
