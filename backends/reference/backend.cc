// SPDX-License-Identifier: Apache-2.0
//
// One device, whose work is done when the call that queues it returns.
#include "tessera/backends/reference/backend.h"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <new>
#include <string>

#include "tessera/backends/reference/kernel.h"

struct TsrBackend {};

struct TsrDevice {
  std::atomic<uint64_t> bytes{0}, peak{0}, buffers{0}, allocations{0};
};

struct TsrStream {
  TsrDevice* device;
};

struct TsrEvent {};

namespace tessera::reference {
namespace {

TsrStatus fail(TsrMessage* message, TsrStatus code, const std::string& text) {
  if (message != nullptr && message->text != nullptr && message->capacity > 0) {
    std::snprintf(message->text, message->capacity, "%s", text.c_str());
  }
  return code;
}

// ---- Backend and device ------------------------------------------------------------------------

TsrStatus backend_initialize(const TsrHost*, TsrBackend** backend, TsrMessage*) {
  *backend = new TsrBackend;
  return TSR_OK;
}

void backend_shutdown(TsrBackend* backend) { delete backend; }

TsrStatus set_thread_budget(TsrBackend*, uint32_t, TsrMessage*) { return TSR_OK; }

TsrStatus device_count(TsrBackend*, uint32_t* count, TsrMessage*) {
  *count = 1;
  return TSR_OK;
}

TsrStatus device_info(TsrBackend*, uint32_t, TsrDeviceInfo* info, TsrMessage*) {
  std::snprintf(info->name, sizeof info->name, "reference");
  std::snprintf(info->driver, sizeof info->driver, "loops in double precision");
  info->memory_bytes = 0;
  info->kind = TSR_DEVICE_CPU;
  info->flags = TSR_DEVICE_HOST_VISIBLE | TSR_DEVICE_HAS_FLOAT64 | TSR_DEVICE_HAS_FLOAT16 |
                TSR_DEVICE_HAS_BFLOAT16;
  info->compute_units = 1;
  info->subgroup_size = 1;
  return TSR_OK;
}

TsrStatus device_open(TsrBackend*, uint32_t, TsrDevice** device, TsrMessage*) {
  *device = new TsrDevice;
  return TSR_OK;
}

void device_close(TsrDevice* device) { delete device; }

TsrStatus device_memory(TsrDevice* device, TsrMemoryStats* stats, TsrMessage*) {
  stats->bytes_in_use = stats->bytes_reserved = device->bytes;
  stats->bytes_peak = device->peak;
  stats->buffers_in_use = device->buffers;
  stats->allocations = stats->system_allocations = device->allocations;
  return TSR_OK;
}

TsrStatus device_trim(TsrDevice*, TsrMessage*) { return TSR_OK; }

// ---- Memory ------------------------------------------------------------------------------------

// No machine has more; sanitizers abort at a request for it.
constexpr uint64_t kMostBytes = uint64_t{1} << 40;

// New memory reads as nan, so that a kernel's reading what nobody wrote shows.
TsrStatus buffer_allocate(TsrStream* stream, uint64_t size, TsrBuffer** buffer,
                          TsrMessage* message) {
  TsrDevice* device = stream->device;
  const uint64_t rounded = (size + 63) / 64 * 64;
  void* data = size > kMostBytes ? nullptr : std::aligned_alloc(64, rounded == 0 ? 64 : rounded);
  if (data == nullptr) {
    return fail(message, TSR_RESOURCE_EXHAUSTED,
                "asked for " + std::to_string(size) + " bytes with " +
                    std::to_string(device->bytes) + " in use");
  }
  std::memset(data, 0xFF, size);
  *buffer = new TsrBuffer{sizeof(TsrBuffer), data, size};
  const uint64_t bytes = device->bytes += size;
  uint64_t peak = device->peak;
  while (peak < bytes && !device->peak.compare_exchange_weak(peak, bytes)) {
  }
  ++device->buffers;
  ++device->allocations;
  return TSR_OK;
}

void buffer_free(TsrStream* stream, TsrBuffer* buffer) {
  stream->device->bytes -= buffer->size;
  --stream->device->buffers;
  std::free(buffer->data);
  delete buffer;
}

char* bytes_of(TsrBuffer* buffer, uint64_t offset) {
  return static_cast<char*>(buffer->data) + offset;
}

bool fits(const TsrBuffer* buffer, uint64_t offset, uint64_t size) {
  return offset <= buffer->size && size <= buffer->size - offset;
}

TsrStatus copy_from_host(TsrStream*, const void* source, TsrBuffer* target, uint64_t offset,
                         uint64_t size, TsrMessage* message) {
  if (!fits(target, offset, size)) return fail(message, TSR_OUT_OF_RANGE, "past the buffer's end");
  if (size > 0) std::memcpy(bytes_of(target, offset), source, size);
  return TSR_OK;
}

TsrStatus copy_to_host(TsrStream*, TsrBuffer* source, uint64_t offset, void* target, uint64_t size,
                       TsrMessage* message) {
  if (!fits(source, offset, size)) return fail(message, TSR_OUT_OF_RANGE, "past the buffer's end");
  if (size > 0) std::memcpy(target, bytes_of(source, offset), size);
  return TSR_OK;
}

TsrStatus copy_buffer(TsrStream*, TsrBuffer* source, uint64_t source_offset, TsrBuffer* target,
                      uint64_t target_offset, uint64_t size, TsrMessage* message) {
  if (!fits(source, source_offset, size) || !fits(target, target_offset, size)) {
    return fail(message, TSR_OUT_OF_RANGE, "past the buffer's end");
  }
  std::memmove(bytes_of(target, target_offset), bytes_of(source, source_offset), size);
  return TSR_OK;
}

// ---- Streams and events ------------------------------------------------------------------------

TsrStatus stream_create(TsrDevice* device, TsrStream** stream, TsrMessage*) {
  *stream = new TsrStream{device};
  return TSR_OK;
}

void stream_destroy(TsrStream* stream) { delete stream; }
TsrStatus stream_synchronize(TsrStream*, TsrMessage*) { return TSR_OK; }

TsrStatus event_create(TsrDevice*, TsrEvent** event, TsrMessage*) {
  *event = new TsrEvent;
  return TSR_OK;
}

void event_destroy(TsrEvent* event) { delete event; }
TsrStatus event_record(TsrEvent*, TsrStream*, TsrMessage*) { return TSR_OK; }
TsrStatus event_wait(TsrEvent*, TsrStream*, TsrMessage*) { return TSR_OK; }
TsrStatus event_synchronize(TsrEvent*, TsrMessage*) { return TSR_OK; }

TsrStatus event_query(TsrEvent*, uint32_t* reached, TsrMessage*) {
  *reached = 1;
  return TSR_OK;
}

// ---- Kernels -----------------------------------------------------------------------------------

const std::map<std::string, Kernel>& kernels() {
  static const auto* map = [] {
    auto* all = new std::map<std::string, Kernel>;
    // One a line, so that branches that add families merge.
    // clang-format off
    for (Kernels (*family)() : {
             chain_kernels,
             copy_kernels,
             shape_kernels,
             gather_kernels,
             fold_kernels,
             elementwise_kernels,
             reduce_kernels,
             scan_kernels,
             sort_kernels,
             matmul_kernels,
             conv_kernels,
             pool_kernels,
             softmax_kernels,
             layer_norm_kernels,
             batch_norm_kernels,
             lstm_kernels,
             cross_entropy_kernels,
             attention_kernels,
             random_kernels,
             optimizer_kernels,
             linalg_kernels,
         }) {
      // clang-format on
      for (const Kernel& kernel : family()) all->emplace(kernel.op, kernel);
    }
    return all;
  }();
  return *map;
}

bool counts_match(const Kernel& kernel, const TsrNode& node) {
  auto is = [](int want, uint32_t got) {
    return want == kAny || static_cast<uint32_t>(want) == got;
  };
  return node.n_inputs >= static_cast<uint32_t>(kernel.min_inputs) &&
         (kernel.max_inputs == kAny || node.n_inputs <= static_cast<uint32_t>(kernel.max_inputs)) &&
         is(kernel.outputs, node.n_outputs) && is(kernel.ints, node.n_ints) &&
         is(kernel.doubles, node.n_doubles);
}

TsrStatus launch(TsrStream*, const TsrNode* node, TsrMessage* message) {
  auto found = kernels().find(node->op);
  if (found == kernels().end() || !counts_match(found->second, *node)) {
    return fail(message, TSR_UNIMPLEMENTED,
                std::string(node->op) + ": number of inputs, outputs or attributes");
  }
  try {
    const Result result = found->second.compute(Call(*node));
    return result.code == TSR_OK ? TSR_OK : fail(message, result.code, result.message);
  } catch (const std::bad_alloc&) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "out of memory for intermediate values");
  } catch (const std::exception& error) {
    return fail(message, TSR_INTERNAL, error.what());
  }
}

const TsrKernel* kernel_find(TsrDevice*, const char* op) {
  static constexpr TsrKernel kKernel = {sizeof(TsrKernel), launch, nullptr};
  return kernels().count(op) != 0 ? &kKernel : nullptr;
}

TsrStatus graph_create(TsrStream*, const TsrNode* const*, uint64_t, TsrGraph**,
                       TsrMessage* message) {
  return fail(message, TSR_UNIMPLEMENTED, "the reference has no graphs");
}

TsrStatus graph_launch(TsrGraph*, TsrStream*, TsrMessage* message) {
  return fail(message, TSR_UNIMPLEMENTED, "the reference has no graphs");
}

void graph_destroy(TsrGraph*) {}

}  // namespace

const TsrBackendApi kApi = {sizeof(TsrBackendApi), backend_initialize, backend_shutdown,
                            device_count,          device_info,        device_open,
                            device_close,          device_memory,      device_trim,
                            buffer_allocate,       buffer_free,        copy_from_host,
                            copy_to_host,          copy_buffer,        stream_create,
                            stream_destroy,        stream_synchronize, event_create,
                            event_destroy,         event_record,       event_wait,
                            event_synchronize,     event_query,        kernel_find,
                            graph_create,          graph_launch,       graph_destroy,
                            set_thread_budget};

}  // namespace tessera::reference
