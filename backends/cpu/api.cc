// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/api.h"

#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <new>
#include <string>

#include "tessera/backends/cpu/handles.h"
#include "tessera/backends/cpu/kernel_table.h"
#include "tessera/backends/cpu/simd_info.h"
#include "tessera/backends/cpu/status.h"

namespace tessera::cpu {
namespace {

// Bytes of main memory; the device gives out no more.
uint64_t memory_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && page > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page)
                               : uint64_t{1} << 40;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) == 0) {
      const size_t colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  }
  return "CPU";
}

TsrStatus backend_initialize(const TsrHost* host, TsrBackend** backend, TsrMessage* message) {
  try {
    *backend = reinterpret_cast<TsrBackend*>(new Backend(host));
    return TSR_OK;
  } catch (const std::exception& e) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "cpu: cannot start %u threads: %s",
                host->thread_budget, e.what());
  }
}

void backend_shutdown(TsrBackend* backend) { delete unwrap(backend); }

TsrStatus device_count(TsrBackend*, uint32_t* count, TsrMessage*) {
  *count = 1;
  return TSR_OK;
}

TsrStatus check_device_index(uint32_t index, TsrMessage* message) {
  if (index == 0) return TSR_OK;
  return fail(message, TSR_NOT_FOUND, "cpu: device index %u, there is one device", index);
}

TsrStatus device_info(TsrBackend*, uint32_t index, TsrDeviceInfo* info, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_device_index(index, message));
  const std::string name = processor_name();
  std::snprintf(info->name, sizeof(info->name), "%s", name.c_str());
  std::snprintf(info->driver, sizeof(info->driver), "%s", simd_name());
  info->memory_bytes = memory_bytes();
  info->kind = TSR_DEVICE_CPU;
  info->flags = TSR_DEVICE_HOST_VISIBLE | TSR_DEVICE_HAS_FLOAT64 | TSR_DEVICE_HAS_FLOAT16 |
                TSR_DEVICE_HAS_BFLOAT16;
  info->compute_units = std::max(1u, std::thread::hardware_concurrency());
  info->subgroup_size = simd_lanes();
  return TSR_OK;
}

TsrStatus device_open(TsrBackend* backend, uint32_t index, TsrDevice** device,
                      TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_device_index(index, message));
  Device* opened = new (std::nothrow) Device(unwrap(backend), memory_bytes());
  if (opened == nullptr) return fail(message, TSR_RESOURCE_EXHAUSTED, "cpu: out of memory");
  *device = reinterpret_cast<TsrDevice*>(opened);
  return TSR_OK;
}

void device_close(TsrDevice* device) { delete unwrap(device); }

TsrStatus device_memory(TsrDevice* device, TsrMemoryStats* stats, TsrMessage*) {
  TsrMemoryStats now = unwrap(device)->allocator.stats();
  now.struct_size = std::min<uint64_t>(stats->struct_size, sizeof(now));
  std::memcpy(stats, &now, now.struct_size);
  return TSR_OK;
}

TsrStatus device_trim(TsrDevice* device, TsrMessage*) {
  unwrap(device)->allocator.trim();
  return TSR_OK;
}

TsrStatus buffer_allocate(TsrStream* stream, uint64_t size, TsrBuffer** buffer,
                          TsrMessage* message) {
  return unwrap(stream)->device->allocator.allocate(size, Allocator::Use::kBuffer, buffer, message);
}

void buffer_free(TsrStream* stream, TsrBuffer* buffer) {
  unwrap(stream)->device->allocator.free(buffer);
}

TsrStatus check_range(const char* what, uint64_t offset, uint64_t size, const TsrBuffer* buffer,
                      TsrMessage* message) {
  if (offset <= buffer->size && size <= buffer->size - offset) return TSR_OK;
  return fail(message, TSR_OUT_OF_RANGE,
              "%s: %" PRIu64 " bytes at offset %" PRIu64 " of a buffer of %" PRIu64 " bytes", what,
              size, offset, buffer->size);
}

void copy_bytes(TsrStream* stream, void* to, const void* from, uint64_t size) {
  constexpr size_t kGrain = size_t{256} << 10;
  pool_of(stream).ranges(size, kGrain, [&](size_t begin, size_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin,
                end - begin);
  });
}

TsrStatus copy_from_host(TsrStream* stream, const void* source, TsrBuffer* target,
                         uint64_t target_offset, uint64_t size, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(
      check_range("copy_from_host", target_offset, size, target, message));
  copy_bytes(stream, static_cast<char*>(target->data) + target_offset, source, size);
  return TSR_OK;
}

TsrStatus copy_to_host(TsrStream* stream, TsrBuffer* source, uint64_t source_offset, void* target,
                       uint64_t size, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_to_host", source_offset, size, source, message));
  copy_bytes(stream, target, static_cast<char*>(source->data) + source_offset, size);
  return TSR_OK;
}

TsrStatus copy_buffer(TsrStream* stream, TsrBuffer* source, uint64_t source_offset,
                      TsrBuffer* target, uint64_t target_offset, uint64_t size,
                      TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_buffer", source_offset, size, source, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_range("copy_buffer", target_offset, size, target, message));
  char* to = static_cast<char*>(target->data) + target_offset;
  const char* from = static_cast<char*>(source->data) + source_offset;
  if (source == target) {
    std::memmove(to, from, size);  // the two ranges may overlap
  } else {
    copy_bytes(stream, to, from, size);
  }
  return TSR_OK;
}

TsrStatus stream_create(TsrDevice* device, TsrStream** stream, TsrMessage* message) {
  Stream* created = new (std::nothrow) Stream{unwrap(device)};
  if (created == nullptr) return fail(message, TSR_RESOURCE_EXHAUSTED, "cpu: out of memory");
  *stream = reinterpret_cast<TsrStream*>(created);
  return TSR_OK;
}

void stream_destroy(TsrStream* stream) { delete unwrap(stream); }
TsrStatus stream_synchronize(TsrStream*, TsrMessage*) { return TSR_OK; }

// A stream's work is done when a call returns, so every event is always reached.
struct Event {};

TsrStatus event_create(TsrDevice*, TsrEvent** event, TsrMessage* message) {
  Event* created = new (std::nothrow) Event;
  if (created == nullptr) return fail(message, TSR_RESOURCE_EXHAUSTED, "cpu: out of memory");
  *event = reinterpret_cast<TsrEvent*>(created);
  return TSR_OK;
}
void event_destroy(TsrEvent* event) { delete reinterpret_cast<Event*>(event); }
TsrStatus event_record(TsrEvent*, TsrStream*, TsrMessage*) { return TSR_OK; }
TsrStatus event_wait(TsrEvent*, TsrStream*, TsrMessage*) { return TSR_OK; }
TsrStatus event_synchronize(TsrEvent*, TsrMessage*) { return TSR_OK; }
TsrStatus event_query(TsrEvent*, uint32_t* reached, TsrMessage*) {
  *reached = 1;
  return TSR_OK;
}

const TsrKernel* kernel_find(TsrDevice*, const char* op) { return find_kernel(op); }

// Calls are synchronous and launches cheap, so there is nothing to gain over node by node.
TsrStatus graph_create(TsrStream*, const TsrNode* const*, uint64_t, TsrGraph**,
                       TsrMessage* message) {
  return fail(message, TSR_UNIMPLEMENTED, "cpu: no graphs");
}
TsrStatus graph_launch(TsrGraph*, TsrStream*, TsrMessage* message) {
  return fail(message, TSR_UNIMPLEMENTED, "cpu: no graphs");
}
void graph_destroy(TsrGraph*) {}

TsrStatus set_thread_budget(TsrBackend* backend, uint32_t threads, TsrMessage* message) {
  if (threads == 0) {
    return fail(message, TSR_INVALID_ARGUMENT, "set_thread_budget: 0 threads, at least 1 wanted");
  }
  try {
    unwrap(backend)->pool.resize(static_cast<int>(threads));
    return TSR_OK;
  } catch (const std::exception& e) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "set_thread_budget: cannot start %u threads: %s",
                threads, e.what());
  }
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

}  // namespace tessera::cpu
