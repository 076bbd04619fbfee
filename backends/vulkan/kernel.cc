// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/kernel.h"

#include <mutex>
#include <new>

#include "tessera/backends/vulkan/strided.h"

namespace tessera::vulkan {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 31;

// Shaders count elements in 32 bits.
bool is_small(const TsrTensor& t) {
  int64_t last = 0;
  for (uint32_t k = 0; k < t.rank; ++k) {
    if (t.shape[k] == 0) return true;
    if (t.strides[k] < 0) return false;
    last += (t.shape[k] - 1) * t.strides[k];
  }
  return last < kMostElements && element_count(t) < kMostElements;
}

TsrStatus check_tensor(const PhysicalDevice& device, const TsrNode& node, const TsrTensor& t,
                       TsrMessage* message) {
  if (t.dtype == TSR_FLOAT64 && !device.has_float64) {
    return fail(message, TSR_UNIMPLEMENTED, "%s: %s has no float64", node.op,
                device.properties.deviceName);
  }
  if (t.rank > kMaxRank) return unsupported(node, "rank", message);
  if (!is_small(t)) return unsupported(node, "number of elements", message);
  return TSR_OK;
}

}  // namespace

TsrStatus check_device(const PhysicalDevice& device, const TsrNode& node, TsrMessage* message) {
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensor(device, node, *node.inputs[i], message));
  }
  for (uint32_t i = 0; i < node.n_outputs; ++i) {
    TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensor(device, node, *node.outputs[i], message));
  }
  return TSR_OK;
}

TsrStatus launch(CheckFunction check, RunFunction run, TsrStream* stream, const TsrNode& node,
                 TsrMessage* message) {
  Device* device = unwrap(stream)->device;
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_device(device->gpu.physical(), node, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check(node, message));
  const std::lock_guard lock(device->mutex);
  Recorder recorder(device, node, message);
  try {
    run(recorder, node);
    return recorder.finish();
  } catch (const KernelFailure& failure) {
    recorder.finish();
    return failure.status;
  } catch (const std::bad_alloc&) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "%s: out of memory", node.op);
  }
}

TsrStatus supports(CheckFunction check, TsrDevice* device, const TsrNode& node,
                   TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_device(unwrap(device)->gpu.physical(), node, message));
  return check(node, message);
}

}  // namespace tessera::vulkan
