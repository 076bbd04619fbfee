// SPDX-License-Identifier: Apache-2.0
//
// A backend that is another backend until it is told to fail: see fault.h.
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/fault/handles.h"
#include "tessera/backends/fault/kernels.h"
#include "tessera/backends/fault/wrapped.h"

namespace tessera::fault {
namespace {

// ---- Backend -----------------------------------------------------------------------------------

TsrStatus backend_initialize(const TsrHost* host, TsrBackend** backend, TsrMessage* message) {
  auto made = std::make_unique<TsrBackend>();
  if (const char* text = std::getenv("TESSERA_FAULT")) {
    const std::string error = parse_settings(text, &made->settings);
    if (!error.empty()) return fail(message, TSR_INVALID_ARGUMENT, error.c_str());
  }
  made->why_nothing = open_wrapped(&made->api);
  if (made->why_nothing.empty()) {
    const TsrStatus status = made->api.backend_initialize(host, &made->inner, message);
    if (status != TSR_OK) return status;
  }
  *backend = made.release();
  return TSR_OK;
}

void backend_shutdown(TsrBackend* backend) {
  if (backend->inner != nullptr) backend->api.backend_shutdown(backend->inner);
  delete backend;
}

TsrStatus set_thread_budget(TsrBackend* backend, uint32_t threads, TsrMessage* message) {
  if (backend->inner == nullptr || backend->api.set_thread_budget == nullptr) {
    return fail(message, TSR_UNIMPLEMENTED, "the wrapped plugin has no thread budget");
  }
  return backend->api.set_thread_budget(backend->inner, threads, message);
}

TsrStatus set_option(TsrBackend* backend, const char* name, const char* value,
                     TsrMessage* message) {
  if (backend->inner == nullptr || backend->api.set_option == nullptr) {
    return fail(message, TSR_UNIMPLEMENTED, "the wrapped plugin has no options");
  }
  return backend->api.set_option(backend->inner, name, value, message);
}

// ---- Devices -----------------------------------------------------------------------------------

TsrStatus device_count(TsrBackend* backend, uint32_t* count, TsrMessage* message) {
  *count = 0;
  if (backend->inner == nullptr) return fail(message, TSR_OK, backend->why_nothing.c_str());
  return backend->api.device_count(backend->inner, count, message);
}

TsrStatus device_info(TsrBackend* backend, uint32_t index, TsrDeviceInfo* info,
                      TsrMessage* message) {
  return backend->api.device_info(backend->inner, index, info, message);
}

TsrStatus device_open(TsrBackend* backend, uint32_t index, TsrDevice** device,
                      TsrMessage* message) {
  auto made = std::make_unique<TsrDevice>();
  made->api = &backend->api;
  made->allocation.set(backend->settings.allocation);
  made->kernel.set(backend->settings.kernel);
  made->delayed.set(backend->settings.delayed);
  made->slow_copy_us = backend->settings.slow_copy_us;
  const TsrStatus status = made->api->device_open(backend->inner, index, &made->inner, message);
  if (status == TSR_OK) *device = made.release();
  return status;
}

void device_close(TsrDevice* device) {
  device->api->device_close(device->inner);
  delete device;
}

TsrStatus device_memory(TsrDevice* device, TsrMemoryStats* stats, TsrMessage* message) {
  return device->api->device_memory(device->inner, stats, message);
}

TsrStatus device_trim(TsrDevice* device, TsrMessage* message) {
  return device->api->device_trim(device->inner, message);
}

// ---- Memory ------------------------------------------------------------------------------------

TsrStatus buffer_allocate(TsrStream* stream, uint64_t size, TsrBuffer** buffer,
                          TsrMessage* message) {
  TsrDevice* device = stream->device;
  const int64_t number = ++device->counts[kAllocations];
  if (TsrStatus s = check_not_lost(device, "allocate", message)) return s;
  if (device->allocation.is_due()) {
    TsrMemoryStats stats = {};
    stats.struct_size = sizeof(stats);
    device->api->device_memory(device->inner, &stats, nullptr);
    const std::string text = "injected: out of memory at allocation " + std::to_string(number) +
                             ": asked for " + std::to_string(size) + " bytes, " +
                             std::to_string(stats.bytes_in_use) + " in use";
    return fail(message, TSR_RESOURCE_EXHAUSTED, text.c_str());
  }
  const TsrStatus status = device->api->buffer_allocate(stream->inner, size, buffer, message);
  if (status == TSR_OK) ++device->counts[kLiveBuffers];
  return status;
}

void buffer_free(TsrStream* stream, TsrBuffer* buffer) {
  --stream->device->counts[kLiveBuffers];
  stream->device->api->buffer_free(stream->inner, buffer);
}

// Whether a copy is to be done: not on a lost device, and not behind a failure.
bool begin_copy(TsrStream* stream, TsrStatus* status, TsrMessage* message) {
  TsrDevice* device = stream->device;
  ++device->counts[kCopies];
  *status = check_not_lost(device, "copy", message);
  if (*status != TSR_OK || stream->error->is_set()) return false;
  const int64_t microseconds = device->slow_copy_us;
  if (microseconds > 0) std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  return true;
}

TsrStatus copy_from_host(TsrStream* stream, const void* source, TsrBuffer* target,
                         uint64_t target_offset, uint64_t size, TsrMessage* message) {
  TsrStatus status;
  if (!begin_copy(stream, &status, message)) return status;
  return stream->device->api->copy_from_host(stream->inner, source, target, target_offset, size,
                                             message);
}

TsrStatus copy_to_host(TsrStream* stream, TsrBuffer* source, uint64_t source_offset, void* target,
                       uint64_t size, TsrMessage* message) {
  TsrStatus status;
  if (!begin_copy(stream, &status, message)) return status;
  return stream->device->api->copy_to_host(stream->inner, source, source_offset, target, size,
                                           message);
}

TsrStatus copy_buffer(TsrStream* stream, TsrBuffer* source, uint64_t source_offset,
                      TsrBuffer* target, uint64_t target_offset, uint64_t size,
                      TsrMessage* message) {
  TsrStatus status;
  if (!begin_copy(stream, &status, message)) return status;
  return stream->device->api->copy_buffer(stream->inner, source, source_offset, target,
                                          target_offset, size, message);
}

// ---- Streams and events ------------------------------------------------------------------------

TsrStatus stream_create(TsrDevice* device, TsrStream** stream, TsrMessage* message) {
  auto made = std::make_unique<TsrStream>();
  made->device = device;
  const TsrStatus status = device->api->stream_create(device->inner, &made->inner, message);
  if (status == TSR_OK) *stream = made.release();
  return status;
}

void stream_destroy(TsrStream* stream) {
  stream->device->api->stream_destroy(stream->inner);
  delete stream;
}

TsrStatus stream_synchronize(TsrStream* stream, TsrMessage* message) {
  if (TsrStatus s = check_not_lost(stream->device, "synchronize", message)) return s;
  const TsrStatus status = stream->device->api->stream_synchronize(stream->inner, message);
  const std::string error = stream->error->get(/*clear=*/true);
  if (!error.empty()) return fail(message, TSR_INTERNAL, error.c_str());
  return status;
}

TsrStatus event_create(TsrDevice* device, TsrEvent** event, TsrMessage* message) {
  auto made = std::make_unique<TsrEvent>();
  made->device = device;
  const TsrStatus status = device->api->event_create(device->inner, &made->inner, message);
  if (status == TSR_OK) *event = made.release();
  return status;
}

void event_destroy(TsrEvent* event) {
  event->device->api->event_destroy(event->inner);
  delete event;
}

TsrStatus event_record(TsrEvent* event, TsrStream* stream, TsrMessage* message) {
  if (TsrStatus s = check_not_lost(stream->device, "event_record", message)) return s;
  event->error = stream->error;
  return event->device->api->event_record(event->inner, stream->inner, message);
}

TsrStatus event_wait(TsrEvent* event, TsrStream* stream, TsrMessage* message) {
  if (TsrStatus s = check_not_lost(stream->device, "event_wait", message)) return s;
  return event->device->api->event_wait(event->inner, stream->inner, message);
}

TsrStatus event_synchronize(TsrEvent* event, TsrMessage* message) {
  if (TsrStatus s = check_not_lost(event->device, "event_synchronize", message)) return s;
  const TsrStatus status = event->device->api->event_synchronize(event->inner, message);
  const std::string error = event->error == nullptr ? "" : event->error->get(/*clear=*/false);
  if (!error.empty()) return fail(message, TSR_INTERNAL, error.c_str());
  return status;
}

TsrStatus event_query(TsrEvent* event, uint32_t* reached, TsrMessage* message) {
  if (TsrStatus s = check_not_lost(event->device, "event_query", message)) return s;
  return event->device->api->event_query(event->inner, reached, message);
}

// Graphs are replayed node by node, so that every kernel can fail.
constexpr TsrBackendApi kApi = {
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
    .kernel_find = find_kernel,
    .set_thread_budget = set_thread_budget,
    .set_option = set_option,
};

}  // namespace
}  // namespace tessera::fault

extern "C" {
extern TSR_EXPORT const TsrPlugin tessera_plugin;
const TsrPlugin tessera_plugin = {TSR_PLUGIN_HEADER, "fault", "tessera fault",
                                  &tessera::fault::kApi};
}
