// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/elementwise.h"

namespace tessera::vulkan {
namespace {

#include "backends/vulkan/elementwise.spv.inc"

}  // namespace

std::span<const ElementwiseOp> elementwise_ops() { return kElementwiseOps; }

}  // namespace tessera::vulkan
