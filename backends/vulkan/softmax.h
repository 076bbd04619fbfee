// SPDX-License-Identifier: Apache-2.0
//
// softmax, log_softmax and their gradients.
#ifndef TESSERA_BACKENDS_VULKAN_SOFTMAX_H_
#define TESSERA_BACKENDS_VULKAN_SOFTMAX_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> softmax_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_SOFTMAX_H_
