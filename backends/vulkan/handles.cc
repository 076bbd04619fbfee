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
  uint64_t value = 0;
  {
    const std::lock_guard lock(mutex);
    TESSERA_PLUGIN_RETURN_IF_ERROR(queue.flush(message));
    value = queue.submitted();
  }
  const VkResult awaited = queue.await(value);
  const std::lock_guard lock(mutex);
  TESSERA_PLUGIN_RETURN_IF_ERROR(queue.finish(value, awaited, message));
  return queue.take_error(message);
}

}  // namespace tessera::vulkan
