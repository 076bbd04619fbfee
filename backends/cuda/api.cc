// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/api.h"

#include <algorithm>
#include <cinttypes>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "tessera/backends/cuda/graph.h"
#include "tessera/backends/cuda/handles.h"
#include "tessera/backends/cuda/kernel_table.h"
#include "tessera/backends/plugin/status.h"

namespace tessera::cuda {
namespace {

using plugin::fail;

// Calls f, whose exceptions become statuses.
template <class F>
TsrStatus without_exceptions(TsrMessage* message, F f) {
  try {
    return f();
  } catch (const std::exception& e) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "cuda: %s", e.what());
  }
}

// ---- Backend and devices ------------------------------------------------------------------------

TsrStatus backend_initialize(const TsrHost* host, TsrBackend** backend, TsrMessage* message) {
  return without_exceptions(message, [&]() -> TsrStatus {
    *backend = reinterpret_cast<TsrBackend*>(new Backend(host));
    return TSR_OK;
  });
}

void backend_shutdown(TsrBackend* backend) { delete unwrap(backend); }

TsrStatus device_count(TsrBackend* backend, uint32_t* count, TsrMessage* message) {
  *count = static_cast<uint32_t>(unwrap(backend)->devices.size());
  if (*count == 0) fail(message, TSR_OK, "%s", unwrap(backend)->why.c_str());
  return TSR_OK;
}

TsrStatus find_device(TsrBackend* backend, uint32_t index, const cudaDeviceProp** properties,
                      TsrMessage* message) {
  const std::vector<cudaDeviceProp>& devices = unwrap(backend)->devices;
  if (index >= devices.size()) {
    return fail(message, TSR_NOT_FOUND, "cuda: device index %u, there are %zu devices", index,
                devices.size());
  }
  *properties = &devices[index];
  return TSR_OK;
}

TsrStatus device_info(TsrBackend* backend, uint32_t index, TsrDeviceInfo* info,
                      TsrMessage* message) {
  const cudaDeviceProp* p = nullptr;
  TESSERA_PLUGIN_RETURN_IF_ERROR(find_device(backend, index, &p, message));
  const std::string name = p->name;
  std::snprintf(info->name, sizeof info->name, "%s", name.c_str());
  std::snprintf(info->driver, sizeof info->driver, "%s, compute capability %d.%d",
                unwrap(backend)->driver.c_str(), p->major, p->minor);
  info->memory_bytes = p->totalGlobalMem;
  info->kind = p->integrated != 0 ? TSR_DEVICE_INTEGRATED : TSR_DEVICE_DISCRETE;
  info->flags = TSR_DEVICE_HAS_FLOAT64 | TSR_DEVICE_HAS_FLOAT16 | TSR_DEVICE_HAS_BFLOAT16;
  info->compute_units = static_cast<uint32_t>(p->multiProcessorCount);
  info->subgroup_size = static_cast<uint32_t>(p->warpSize);
  return TSR_OK;
}

TsrStatus device_open(TsrBackend* backend, uint32_t index, TsrDevice** device,
                      TsrMessage* message) {
  const cudaDeviceProp* properties = nullptr;
  TESSERA_PLUGIN_RETURN_IF_ERROR(find_device(backend, index, &properties, message));
  return without_exceptions(message, [&]() -> TsrStatus {
    auto opened = std::make_unique<Device>(unwrap(backend), static_cast<int>(index));
    TESSERA_PLUGIN_RETURN_IF_ERROR(opened->open(message));
    *device = reinterpret_cast<TsrDevice*>(opened.release());
    return TSR_OK;
  });
}

void device_close(TsrDevice* device) {
  unwrap(device)->enter(nullptr);
  delete unwrap(device);
}

TsrStatus device_memory(TsrDevice* device, TsrMemoryStats* stats, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(unwrap(device)->enter(message));
  TsrMemoryStats now = unwrap(device)->allocator.stats();
  now.struct_size = std::min<uint64_t>(stats->struct_size, sizeof now);
  std::memcpy(stats, &now, now.struct_size);
  return TSR_OK;
}

TsrStatus device_trim(TsrDevice* device, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(unwrap(device)->enter(message));
  return unwrap(device)->allocator.trim(message);
}

// ---- Buffers and copies -------------------------------------------------------------------------

TsrStatus buffer_allocate(TsrStream* stream, uint64_t size, TsrBuffer** buffer,
                          TsrMessage* message) {
  Device* device = unwrap(stream)->device;
  TESSERA_PLUGIN_RETURN_IF_ERROR(device->enter(message));
  return device->allocator.allocate(unwrap(stream)->handle, size, buffer, message);
}

void buffer_free(TsrStream* stream, TsrBuffer* buffer) {
  Device* device = unwrap(stream)->device;
  device->enter(nullptr);
  device->allocator.free(unwrap(stream)->handle, buffer);
}

TsrStatus check_range(const char* what, uint64_t offset, uint64_t size, const TsrBuffer* buffer,
                      TsrMessage* message) {
  if (offset <= buffer->size && size <= buffer->size - offset) return TSR_OK;
  return fail(message, TSR_OUT_OF_RANGE,
              "%s: %" PRIu64 " bytes at offset %" PRIu64 " of a buffer of %" PRIu64 " bytes", what,
              size, offset, buffer->size);
}

char* address(const TsrBuffer* buffer, uint64_t offset) {
  return static_cast<char*>(buffer->data) + offset;
}

TsrStatus copy_from_host(TsrStream* stream, const void* source, TsrBuffer* target,
                         uint64_t target_offset, uint64_t size, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(
      check_range("copy_from_host", target_offset, size, target, message));
  Stream* s = unwrap(stream);
  TESSERA_PLUGIN_RETURN_IF_ERROR(s->device->enter(message));
  return s->device->health.report(
      s->uploads.copy(s->handle, source, address(target, target_offset), size), "copy_from_host",
      message);
}

TsrStatus copy_to_host(TsrStream* stream, TsrBuffer* source, uint64_t source_offset, void* target,
                       uint64_t size, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_to_host", source_offset, size, source, message));
  Stream* s = unwrap(stream);
  TESSERA_PLUGIN_RETURN_IF_ERROR(s->device->enter(message));
  if (size == 0) return TSR_OK;
  const cudaError_t error =
      s->downloads->copy(s->handle, address(source, source_offset), target, size);
  if (error == cudaSuccess) return TSR_OK;
  // It may be an earlier kernel that failed.
  return s->device->health.report(error, "copy_to_host after " + s->suspects(), message);
}

TsrStatus copy_buffer(TsrStream* stream, TsrBuffer* source, uint64_t source_offset,
                      TsrBuffer* target, uint64_t target_offset, uint64_t size,
                      TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_buffer", source_offset, size, source, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_buffer", target_offset, size, target, message));
  Stream* s = unwrap(stream);
  TESSERA_PLUGIN_RETURN_IF_ERROR(s->device->enter(message));
  if (size == 0) return TSR_OK;
  return s->device->health.report(
      cudaMemcpyAsync(address(target, target_offset), address(source, source_offset), size,
                      cudaMemcpyDeviceToDevice, s->handle),
      "copy_buffer", message);
}

// ---- Streams and events -------------------------------------------------------------------------

TsrStatus stream_create(TsrDevice* device, TsrStream** stream, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(unwrap(device)->enter(message));
  return without_exceptions(message, [&]() -> TsrStatus {
    auto created = std::make_unique<Stream>(unwrap(device));
    TESSERA_PLUGIN_RETURN_IF_ERROR(created->open(message));
    *stream = reinterpret_cast<TsrStream*>(created.release());
    return TSR_OK;
  });
}

void stream_destroy(TsrStream* stream) {
  unwrap(stream)->device->enter(nullptr);
  delete unwrap(stream);
}

TsrStatus stream_synchronize(TsrStream* stream, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(unwrap(stream)->device->enter(message));
  return unwrap(stream)->synchronize(message);
}

TsrStatus event_create(TsrDevice* device, TsrEvent** event, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(unwrap(device)->enter(message));
  return without_exceptions(message, [&]() -> TsrStatus {
    auto created = std::make_unique<Event>(unwrap(device));
    TESSERA_PLUGIN_RETURN_IF_ERROR(unwrap(device)->health.report(
        cudaEventCreateWithFlags(&created->handle, cudaEventDisableTiming), "event_create",
        message));
    *event = reinterpret_cast<TsrEvent*>(created.release());
    return TSR_OK;
  });
}

void event_destroy(TsrEvent* event) {
  unwrap(event)->device->enter(nullptr);
  cudaEventDestroy(unwrap(event)->handle);
  delete unwrap(event);
}

TsrStatus event_record(TsrEvent* event, TsrStream* stream, TsrMessage* message) {
  Event* e = unwrap(event);
  Stream* s = unwrap(stream);
  TESSERA_PLUGIN_RETURN_IF_ERROR(s->device->enter(message));
  e->downloads = s->downloads;
  e->downloads_before = s->downloads->count();
  return s->device->health.report(cudaEventRecord(e->handle, s->handle), "event_record", message);
}

TsrStatus event_wait(TsrEvent* event, TsrStream* stream, TsrMessage* message) {
  Stream* s = unwrap(stream);
  TESSERA_PLUGIN_RETURN_IF_ERROR(s->device->enter(message));
  return s->device->health.report(cudaStreamWaitEvent(s->handle, unwrap(event)->handle, 0),
                                  "event_wait", message);
}

TsrStatus event_synchronize(TsrEvent* event, TsrMessage* message) {
  Event* e = unwrap(event);
  TESSERA_PLUGIN_RETURN_IF_ERROR(e->device->enter(message));
  const cudaError_t error = cudaEventSynchronize(e->handle);
  if (error != cudaSuccess) {
    return e->device->health.report(error, "an op before the event", message);
  }
  if (e->downloads != nullptr) e->downloads->deliver(e->downloads_before);
  return TSR_OK;
}

TsrStatus event_query(TsrEvent* event, uint32_t* reached, TsrMessage* message) {
  Event* e = unwrap(event);
  TESSERA_PLUGIN_RETURN_IF_ERROR(e->device->enter(message));
  const cudaError_t error = cudaEventQuery(e->handle);
  *reached = error == cudaSuccess ? 1 : 0;
  if (error == cudaErrorNotReady) {
    cudaGetLastError();
    return TSR_OK;
  }
  return e->device->health.report(error, "an op before the event", message);
}

// ---- Kernels and graphs -------------------------------------------------------------------------

const TsrKernel* kernel_find(TsrDevice*, const char* op) { return find_kernel(op); }

TsrStatus record_nodes(Graph& graph, TsrStream* stream, const TsrNode* const* nodes,
                       uint64_t n_nodes, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(graph.begin(message));
  for (uint64_t i = 0; i < n_nodes; ++i) {
    const TsrKernel* kernel = find_kernel(nodes[i]->op);
    if (kernel == nullptr) {
      return fail(message, TSR_UNIMPLEMENTED, "%s: the cuda backend has no kernel for this op",
                  nodes[i]->op);
    }
    TESSERA_PLUGIN_RETURN_IF_ERROR(kernel->launch(stream, nodes[i], message));
  }
  return graph.end(message);
}

TsrStatus graph_create(TsrStream* stream, const TsrNode* const* nodes, uint64_t n_nodes,
                       TsrGraph** graph, TsrMessage* message) {
  Stream* s = unwrap(stream);
  TESSERA_PLUGIN_RETURN_IF_ERROR(s->device->enter(message));
  const TsrStatus status = without_exceptions(message, [&]() -> TsrStatus {
    auto made = std::make_unique<Graph>(s);
    s->recording = made.get();
    const TsrStatus recorded = record_nodes(*made, stream, nodes, n_nodes, message);
    s->recording = nullptr;
    if (recorded == TSR_OK) *graph = reinterpret_cast<TsrGraph*>(made.release());
    return recorded;
  });
  s->recording = nullptr;
  return status;
}

TsrStatus graph_launch(TsrGraph* graph, TsrStream* stream, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(unwrap(stream)->device->enter(message));
  return unwrap(graph)->launch(unwrap(stream), message);
}

void graph_destroy(TsrGraph* graph) {
  unwrap(graph)->device()->enter(nullptr);
  delete unwrap(graph);
}

// The device computes, not the host's threads.
TsrStatus set_thread_budget(TsrBackend*, uint32_t threads, TsrMessage* message) {
  if (threads > 0) return TSR_OK;
  return fail(message, TSR_INVALID_ARGUMENT, "set_thread_budget: 0 threads, at least 1 wanted");
}

// TF32 is the fastest there is on the card for float32, so that "medium" is "high".
TsrStatus set_option(TsrBackend* backend, const char* name, const char* value,
                     TsrMessage* message) {
  const std::string_view option = name, wish = value;
  if (option != "float32_matmul_precision") {
    return fail(message, TSR_UNIMPLEMENTED, "set_option: the cuda backend has no option %s", name);
  }
  if (wish != "highest" && wish != "high" && wish != "medium") {
    return fail(message, TSR_INVALID_ARGUMENT,
                "set_option: %s wants highest, high or medium, got %s", name, value);
  }
  unwrap(backend)->precision = wish == "highest" ? Precision::kHighest : Precision::kTf32;
  return TSR_OK;
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
    .set_option = set_option,
};

}  // namespace tessera::cuda
