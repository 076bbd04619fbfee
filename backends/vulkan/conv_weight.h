// SPDX-License-Identifier: Apache-2.0
//
// The kernel of conv2d_backward_weight.
#ifndef TESSERA_BACKENDS_VULKAN_CONV_WEIGHT_H_
#define TESSERA_BACKENDS_VULKAN_CONV_WEIGHT_H_

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

TsrStatus check_conv_backward_weight(const TsrNode& node, TsrMessage* message);
void run_conv_backward_weight(Recorder& r, const TsrNode& node);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_CONV_WEIGHT_H_
