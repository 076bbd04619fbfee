// SPDX-License-Identifier: Apache-2.0
//
// scaled_dot_product_attention and its gradient.
#ifndef TESSERA_BACKENDS_VULKAN_ATTENTION_H_
#define TESSERA_BACKENDS_VULKAN_ATTENTION_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> attention_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_ATTENTION_H_
