// SPDX-License-Identifier: Apache-2.0
//
// Optimizer steps: one dispatch for all parameters of a node.
#ifndef TESSERA_BACKENDS_VULKAN_OPTIMIZER_H_
#define TESSERA_BACKENDS_VULKAN_OPTIMIZER_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> optimizer_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_OPTIMIZER_H_
