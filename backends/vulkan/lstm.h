// SPDX-License-Identifier: Apache-2.0
//
// lstm and its gradient.
#ifndef TESSERA_BACKENDS_VULKAN_LSTM_H_
#define TESSERA_BACKENDS_VULKAN_LSTM_H_

#include <span>

#include "tessera/backends/vulkan/kernel.h"

namespace tessera::vulkan {

std::span<const KernelEntry> lstm_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_LSTM_H_
