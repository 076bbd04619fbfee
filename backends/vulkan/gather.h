// SPDX-License-Identifier: Apache-2.0
//
// gather, index_select: elements or rows that indices name.
#ifndef TESSERA_BACKENDS_VULKAN_GATHER_H_
#define TESSERA_BACKENDS_VULKAN_GATHER_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> gather_kernels();

// What the ops with indices have in common: one integer attribute, which is a dim of x; x = src = y
// in dtype; int64 indices.
TsrStatus check_indexed(const TsrNode& node, uint32_t inputs, bool numbers, TsrMessage* message);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_GATHER_H_
