// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/api.h"

extern "C" TSR_EXPORT const TsrPlugin tessera_plugin = {
    TSR_PLUGIN_HEADER, "vulkan", "tessera vulkan, gcc " __VERSION__, &tessera::vulkan::kApi};
