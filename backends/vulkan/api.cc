// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/api.h"

#include <algorithm>
#include <cinttypes>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>

#include "tessera/backends/plugin/status.h"
#include "tessera/backends/vulkan/graph.h"
#include "tessera/backends/vulkan/handles.h"
#include "tessera/backends/vulkan/kernel_table.h"
#include "tessera/backends/vulkan/warm_up.h"

namespace tessera::vulkan {
namespace {

using plugin::fail;
using Lock = std::lock_guard<std::recursive_mutex>;

TsrStatus backend_initialize(const TsrHost* host, TsrBackend** backend, TsrMessage* message) {
  try {
    *backend = reinterpret_cast<TsrBackend*>(new Backend(host));
    return TSR_OK;
  } catch (const std::exception& e) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: %s", e.what());
  }
}

void backend_shutdown(TsrBackend* backend) { delete unwrap(backend); }

TsrStatus device_count(TsrBackend* backend, uint32_t* count, TsrMessage* message) {
  const Instance& instance = unwrap(backend)->instance;
  *count = static_cast<uint32_t>(instance.devices().size());
  if (*count == 0) fail(message, TSR_OK, "%s", instance.why().c_str());
  return TSR_OK;
}

TsrStatus find_device(TsrBackend* backend, uint32_t index, const PhysicalDevice** device,
                      TsrMessage* message) {
  const std::vector<PhysicalDevice>& devices = unwrap(backend)->instance.devices();
  if (index >= devices.size()) {
    return fail(message, TSR_NOT_FOUND, "vulkan: device index %u, there are %zu devices", index,
                devices.size());
  }
  *device = &devices[index];
  return TSR_OK;
}

TsrStatus device_info(TsrBackend* backend, uint32_t index, TsrDeviceInfo* info,
                      TsrMessage* message) {
  const PhysicalDevice* device = nullptr;
  TESSERA_PLUGIN_RETURN_IF_ERROR(find_device(backend, index, &device, message));
  std::snprintf(info->name, sizeof(info->name), "%.*s", static_cast<int>(sizeof(info->name) - 1),
                device->properties.deviceName);
  std::snprintf(info->driver, sizeof(info->driver), "%s", device->driver.c_str());
  info->memory_bytes = device->memory_bytes;
  switch (device->properties.deviceType) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      info->kind = TSR_DEVICE_DISCRETE;
      break;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      info->kind = TSR_DEVICE_CPU;
      break;
    default:
      info->kind = TSR_DEVICE_INTEGRATED;
  }
  // Functions take the device's mutex. Half types are stored in 16 bits and computed in float32,
  // which every device can.
  info->flags = TSR_DEVICE_CONCURRENT | TSR_DEVICE_HAS_FLOAT16 | TSR_DEVICE_HAS_BFLOAT16 |
                (device->has_float64 ? TSR_DEVICE_HAS_FLOAT64 : 0);
  info->compute_units = 0;
  info->subgroup_size = device->subgroup_size;
  return TSR_OK;
}

TsrStatus device_open(TsrBackend* backend, uint32_t index, TsrDevice** device,
                      TsrMessage* message) {
  const PhysicalDevice* physical = nullptr;
  TESSERA_PLUGIN_RETURN_IF_ERROR(find_device(backend, index, &physical, message));
  try {
    auto opened = std::make_unique<Device>(&unwrap(backend)->instance, *physical);
    TESSERA_PLUGIN_RETURN_IF_ERROR(opened->open(message));
    TESSERA_PLUGIN_RETURN_IF_ERROR(warm_up(opened.get(), message));
    *device = reinterpret_cast<TsrDevice*>(opened.release());
    return TSR_OK;
  } catch (const std::exception& e) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: %s", e.what());
  }
}

void device_close(TsrDevice* device) { delete unwrap(device); }

TsrStatus device_memory(TsrDevice* device, TsrMemoryStats* stats, TsrMessage*) {
  const Lock lock(unwrap(device)->mutex);
  TsrMemoryStats now = unwrap(device)->allocator.stats();
  now.struct_size = std::min<uint64_t>(stats->struct_size, sizeof(now));
  std::memcpy(stats, &now, now.struct_size);
  return TSR_OK;
}

TsrStatus device_trim(TsrDevice* device, TsrMessage*) {
  const Lock lock(unwrap(device)->mutex);
  unwrap(device)->allocator.trim();
  return TSR_OK;
}

TsrStatus buffer_allocate(TsrStream* stream, uint64_t size, TsrBuffer** buffer,
                          TsrMessage* message) {
  Device* device = unwrap(stream)->device;
  const Lock lock(device->mutex);
  return device->allocator.allocate(size, buffer, message);
}

void buffer_free(TsrStream* stream, TsrBuffer* buffer) {
  Device* device = unwrap(stream)->device;
  const Lock lock(device->mutex);
  device->allocator.free(buffer);
}

TsrStatus check_range(const char* what, uint64_t offset, uint64_t size, const TsrBuffer* buffer,
                      TsrMessage* message) {
  if (offset <= buffer->size && size <= buffer->size - offset) return TSR_OK;
  return fail(message, TSR_OUT_OF_RANGE,
              "%s: %" PRIu64 " bytes at offset %" PRIu64 " of a buffer of %" PRIu64 " bytes", what,
              size, offset, buffer->size);
}

TsrStatus copy_from_host(TsrStream* stream, const void* source, TsrBuffer* target,
                         uint64_t target_offset, uint64_t size, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(
      check_range("copy_from_host", target_offset, size, target, message));
  Device* device = unwrap(stream)->device;
  const Lock lock(device->mutex);
  return device->queue.upload(source, *static_cast<Buffer*>(target), target_offset, size, message);
}

TsrStatus copy_to_host(TsrStream* stream, TsrBuffer* source, uint64_t source_offset, void* target,
                       uint64_t size, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_to_host", source_offset, size, source, message));
  Device* device = unwrap(stream)->device;
  const Lock lock(device->mutex);
  return device->queue.download(*static_cast<Buffer*>(source), source_offset, target, size,
                                message);
}

TsrStatus copy_buffer(TsrStream* stream, TsrBuffer* source, uint64_t source_offset,
                      TsrBuffer* target, uint64_t target_offset, uint64_t size,
                      TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_buffer", source_offset, size, source, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_buffer", target_offset, size, target, message));
  Device* device = unwrap(stream)->device;
  const Lock lock(device->mutex);
  return device->queue.copy(*static_cast<Buffer*>(source), source_offset,
                            *static_cast<Buffer*>(target), target_offset, size, message);
}

TsrStatus stream_create(TsrDevice* device, TsrStream** stream, TsrMessage* message) {
  Stream* created = new (std::nothrow) Stream{unwrap(device)};
  if (created == nullptr) return fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: out of memory");
  *stream = reinterpret_cast<TsrStream*>(created);
  return TSR_OK;
}

TsrStatus stream_synchronize(TsrStream* stream, TsrMessage* message) {
  return unwrap(stream)->device->synchronize(message);
}

void stream_destroy(TsrStream* stream) {
  {
    Device* device = unwrap(stream)->device;
    const Lock lock(device->mutex);
    device->queue.wait_idle(nullptr);
  }
  delete unwrap(stream);
}

TsrStatus event_create(TsrDevice* device, TsrEvent** event, TsrMessage* message) {
  Event* created = new (std::nothrow) Event{unwrap(device)};
  if (created == nullptr) return fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: out of memory");
  *event = reinterpret_cast<TsrEvent*>(created);
  return TSR_OK;
}

void event_destroy(TsrEvent* event) { delete unwrap(event); }

TsrStatus event_record(TsrEvent* event, TsrStream* stream, TsrMessage* message) {
  Device* device = unwrap(stream)->device;
  const Lock lock(device->mutex);
  TESSERA_PLUGIN_RETURN_IF_ERROR(device->queue.flush(message));
  unwrap(event)->value = device->queue.submitted();
  return TSR_OK;
}

// Streams are done in the order in which their work was recorded, so this holds already.
TsrStatus event_wait(TsrEvent*, TsrStream*, TsrMessage*) { return TSR_OK; }

TsrStatus event_synchronize(TsrEvent* event, TsrMessage* message) {
  Device* device = unwrap(event)->device;
  const VkResult awaited = device->queue.await(unwrap(event)->value);
  const Lock lock(device->mutex);
  return device->queue.finish(unwrap(event)->value, awaited, message);
}

TsrStatus event_query(TsrEvent* event, uint32_t* reached, TsrMessage*) {
  Device* device = unwrap(event)->device;
  const Lock lock(device->mutex);
  *reached = device->queue.reached(unwrap(event)->value) ? 1 : 0;
  return TSR_OK;
}

const TsrKernel* kernel_find(TsrDevice*, const char* op) { return find_kernel(op); }

TsrStatus record_nodes(Graph& graph, TsrStream* stream, const TsrNode* const* nodes,
                       uint64_t n_nodes, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(graph.begin(message));
  for (uint64_t i = 0; i < n_nodes; ++i) {
    const TsrKernel* kernel = find_kernel(nodes[i]->op);
    if (kernel == nullptr) {
      return fail(message, TSR_UNIMPLEMENTED, "%s: the vulkan backend has no kernel for this op",
                  nodes[i]->op);
    }
    TESSERA_PLUGIN_RETURN_IF_ERROR(kernel->launch(stream, nodes[i], message));
  }
  return graph.end(message);
}

TsrStatus graph_create(TsrStream* stream, const TsrNode* const* nodes, uint64_t n_nodes,
                       TsrGraph** graph, TsrMessage* message) {
  Device* device = unwrap(stream)->device;
  const Lock lock(device->mutex);
  try {
    auto made = std::make_unique<Graph>(device);
    device->recording = made.get();
    const TsrStatus status = record_nodes(*made, stream, nodes, n_nodes, message);
    device->recording = nullptr;
    if (status != TSR_OK) return status;
    *graph = reinterpret_cast<TsrGraph*>(made.release());
    return TSR_OK;
  } catch (const std::bad_alloc&) {
    device->recording = nullptr;
    return fail(message, TSR_RESOURCE_EXHAUSTED, "vulkan: out of memory");
  }
}

TsrStatus graph_launch(TsrGraph* graph, TsrStream*, TsrMessage* message) {
  const Lock lock(unwrap(graph)->device()->mutex);
  return unwrap(graph)->launch(message);
}

void graph_destroy(TsrGraph* graph) {
  const Lock lock(unwrap(graph)->device()->mutex);
  delete unwrap(graph);
}

// The device computes, not the host's threads.
TsrStatus set_thread_budget(TsrBackend*, uint32_t threads, TsrMessage* message) {
  if (threads > 0) return TSR_OK;
  return fail(message, TSR_INVALID_ARGUMENT, "set_thread_budget: 0 threads, at least 1 wanted");
}

}  // namespace

const TsrBackendApi kApi = {
    .struct_size = sizeof(TsrBackendApi),
    .backend_initialize = backend_initialize,
    .backend_shutdown = backend_shutdown,
    .device_count = device_count,
    .device_info = device_info,
    .device_open = device_open,
    .device_close = device_close,
    .device_memory = device_memory,
    .device_trim = device_trim,
    .buffer_allocate = buffer_allocate,
    .buffer_free = buffer_free,
    .copy_from_host = copy_from_host,
    .copy_to_host = copy_to_host,
    .copy_buffer = copy_buffer,
    .stream_create = stream_create,
    .stream_destroy = stream_destroy,
    .stream_synchronize = stream_synchronize,
    .event_create = event_create,
    .event_destroy = event_destroy,
    .event_record = event_record,
    .event_wait = event_wait,
    .event_synchronize = event_synchronize,
    .event_query = event_query,
    .kernel_find = kernel_find,
    .graph_create = graph_create,
    .graph_launch = graph_launch,
    .graph_destroy = graph_destroy,
    .set_thread_budget = set_thread_budget,
};

}  // namespace tessera::vulkan
