// SPDX-License-Identifier: Apache-2.0
//
// sum, prod, amax, amin, any, all: reductions over any dims.
#ifndef TESSERA_BACKENDS_VULKAN_REDUCE_H_
#define TESSERA_BACKENDS_VULKAN_REDUCE_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> reduce_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_REDUCE_H_
