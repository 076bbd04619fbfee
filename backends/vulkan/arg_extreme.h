// SPDX-License-Identifier: Apache-2.0
//
// argmax, argmin: where along a dim the first extreme stands.
#ifndef TESSERA_BACKENDS_VULKAN_ARG_EXTREME_H_
#define TESSERA_BACKENDS_VULKAN_ARG_EXTREME_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> arg_extreme_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_ARG_EXTREME_H_
