// SPDX-License-Identifier: Apache-2.0
//
// The first work of a device.
#ifndef TESSERA_BACKENDS_VULKAN_WARM_UP_H_
#define TESSERA_BACKENDS_VULKAN_WARM_UP_H_

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/vulkan/handles.h"

namespace tessera::vulkan {

// Adds a few ones and looks at the sum: a driver that cannot is refused when its device is opened.
// It also makes drivers that compile on the CPU construct their compiler's static objects now,
// which are then destroyed after the host's last wait (lavapipe crashes else, in a program that
// ends with work under way).
TsrStatus warm_up(Device* device, TsrMessage* message);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_WARM_UP_H_
