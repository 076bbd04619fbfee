// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_BACKENDS_VULKAN_API_H_
#define TESSERA_BACKENDS_VULKAN_API_H_

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::vulkan {

extern const TsrBackendApi kApi;

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_API_H_
