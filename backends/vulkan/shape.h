// SPDX-License-Identifier: Apache-2.0
//
// cat, pad, flip: ops that are copies between views.
#ifndef TESSERA_BACKENDS_VULKAN_SHAPE_H_
#define TESSERA_BACKENDS_VULKAN_SHAPE_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> shape_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_SHAPE_H_
