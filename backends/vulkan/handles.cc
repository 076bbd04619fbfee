// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/handles.h"

#include "tessera/backends/plugin/status.h"

namespace tessera::vulkan {

TsrStatus Device::open(TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(gpu.open(message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(pipelines.open(message));
  return queue.open(message);
}

TsrStatus Device::synchronize(TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(queue.wait_idle(message));
  return queue.take_error(message);
}

}  // namespace tessera::vulkan
