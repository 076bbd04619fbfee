// SPDX-License-Identifier: Apache-2.0
//
// layer_norm, rms_norm and their gradients.
#ifndef TESSERA_BACKENDS_VULKAN_LAYER_NORM_H_
#define TESSERA_BACKENDS_VULKAN_LAYER_NORM_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> layer_norm_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_LAYER_NORM_H_
