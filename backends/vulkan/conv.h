// SPDX-License-Identifier: Apache-2.0
//
// conv2d, conv2d_backward_input and conv2d_backward_weight.
#ifndef TESSERA_BACKENDS_VULKAN_CONV_H_
#define TESSERA_BACKENDS_VULKAN_CONV_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> conv_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_CONV_H_
