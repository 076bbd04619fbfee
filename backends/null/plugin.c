// SPDX-License-Identifier: Apache-2.0
//
// The smallest complete backend: one device in host memory that can allocate, copy, wait, and
// compute one op. Copy this file to begin a backend; docs/adding_a_backend.md goes through it.
//
// C99 and POSIX, because nothing more is needed. A plugin may be written in any language that can
// export a C struct; whatever it is written in, no exception may leave one of these functions.
#define _POSIX_C_SOURCE 200112L
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tessera/backends/abi/tessera_plugin.h"

// The handles are opaque to the host: these are ours to fill.

struct TsrDevice {
  pthread_mutex_t mutex;  // guards `stats`; allocation may happen on any thread
  TsrMemoryStats stats;
};

struct TsrBackend {
  const TsrHost* host;  // valid until backend_shutdown; may be used to log
};

// Work is done before each call returns, so a stream has no queue, no thread and no sticky error.
struct TsrStream {
  TsrDevice* device;
};

// For the same reason every event has been reached.
struct TsrEvent {
  TsrDevice* device;
};

// ---- Errors ------------------------------------------------------------------------------------

// Returns `status` with a message, if the caller wants one. It is cut to what fits.
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static TsrStatus
fail(TsrMessage* message, TsrStatus status, const char* format, ...) {
  if (message != NULL && message->capacity > 0) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message->text, (size_t)message->capacity, format, arguments);
    va_end(arguments);
  }
  return status;
}

// ---- The backend and its devices ---------------------------------------------------------------

static TsrStatus backend_initialize(const TsrHost* host, TsrBackend** backend,
                                    TsrMessage* message) {
  *backend = calloc(1, sizeof(**backend));
  if (*backend == NULL) return fail(message, TSR_RESOURCE_EXHAUSTED, "no memory for the backend");
  (*backend)->host = host;
  return TSR_OK;
}

static void backend_shutdown(TsrBackend* backend) { free(backend); }

// A plugin for a device that this machine may lack opens its driver here, with dlopen, and answers
// TSR_OK with a count of 0 and a message that says what is missing.
static TsrStatus device_count(TsrBackend* backend, uint32_t* count, TsrMessage* message) {
  (void)backend;
  (void)message;
  *count = 1;
  return TSR_OK;
}

// Writes no field beyond info->struct_size, which is what the host has room for. All of these were
// there in minor version 0; a field added later needs a comparison.
static TsrStatus device_info(TsrBackend* backend, uint32_t index, TsrDeviceInfo* info,
                             TsrMessage* message) {
  (void)backend;
  (void)index;
  (void)message;
  snprintf(info->name, sizeof(info->name), "host memory");
  snprintf(info->driver, sizeof(info->driver), "none");
  info->memory_bytes = 0;
  info->kind = TSR_DEVICE_CPU;
  info->flags = TSR_DEVICE_HOST_VISIBLE | TSR_DEVICE_HAS_FLOAT64 | TSR_DEVICE_HAS_FLOAT16 |
                TSR_DEVICE_HAS_BFLOAT16 | TSR_DEVICE_CONCURRENT;
  info->compute_units = 1;
  info->subgroup_size = 1;
  return TSR_OK;
}

static TsrStatus device_open(TsrBackend* backend, uint32_t index, TsrDevice** device,
                             TsrMessage* message) {
  (void)backend;
  (void)index;
  *device = calloc(1, sizeof(**device));
  if (*device == NULL) return fail(message, TSR_RESOURCE_EXHAUSTED, "no memory for the device");
  pthread_mutex_init(&(*device)->mutex, NULL);
  return TSR_OK;
}

static void device_close(TsrDevice* device) {
  pthread_mutex_destroy(&device->mutex);
  free(device);
}

static TsrStatus device_memory(TsrDevice* device, TsrMemoryStats* stats, TsrMessage* message) {
  const uint64_t struct_size = stats->struct_size;
  (void)message;
  pthread_mutex_lock(&device->mutex);
  *stats = device->stats;
  pthread_mutex_unlock(&device->mutex);
  stats->struct_size = struct_size;
  return TSR_OK;
}

// Nothing is cached.
static TsrStatus device_trim(TsrDevice* device, TsrMessage* message) {
  (void)device;
  (void)message;
  return TSR_OK;
}

// ---- Memory ------------------------------------------------------------------------------------

enum { kAlignment = 64 };

static TsrStatus buffer_allocate(TsrStream* stream, uint64_t size, TsrBuffer** buffer,
                                 TsrMessage* message) {
  TsrDevice* device = stream->device;
  TsrMemoryStats* stats = &device->stats;
  TsrBuffer* made = malloc(sizeof(*made));
  void* data = NULL;
  // A buffer of size 0 still has an address.
  if (made == NULL || size > PTRDIFF_MAX ||
      posix_memalign(&data, kAlignment, size == 0 ? 1 : (size_t)size) != 0) {
    free(made);
    pthread_mutex_lock(&device->mutex);
    const uint64_t in_use = stats->bytes_in_use;
    pthread_mutex_unlock(&device->mutex);
    return fail(message, TSR_RESOURCE_EXHAUSTED, "out of memory: asked for %llu bytes, %llu in use",
                (unsigned long long)size, (unsigned long long)in_use);
  }
  made->struct_size = sizeof(*made);
  made->data = data;
  made->size = size;

  pthread_mutex_lock(&device->mutex);
  stats->bytes_in_use += size;
  if (stats->bytes_in_use > stats->bytes_peak) stats->bytes_peak = stats->bytes_in_use;
  stats->bytes_reserved += size;
  ++stats->buffers_in_use;
  ++stats->allocations;
  ++stats->system_allocations;
  pthread_mutex_unlock(&device->mutex);
  *buffer = made;
  return TSR_OK;
}

static void buffer_free(TsrStream* stream, TsrBuffer* buffer) {
  TsrDevice* device = stream->device;
  pthread_mutex_lock(&device->mutex);
  device->stats.bytes_in_use -= buffer->size;
  device->stats.bytes_reserved -= buffer->size;
  --device->stats.buffers_in_use;
  pthread_mutex_unlock(&device->mutex);
  free(buffer->data);
  free(buffer);
}

static TsrStatus copy_from_host(TsrStream* stream, const void* source, TsrBuffer* target,
                                uint64_t target_offset, uint64_t size, TsrMessage* message) {
  (void)stream;
  (void)message;
  memcpy((char*)target->data + target_offset, source, (size_t)size);
  return TSR_OK;
}

static TsrStatus copy_to_host(TsrStream* stream, TsrBuffer* source, uint64_t source_offset,
                              void* target, uint64_t size, TsrMessage* message) {
  (void)stream;
  (void)message;
  memcpy(target, (const char*)source->data + source_offset, (size_t)size);
  return TSR_OK;
}

static TsrStatus copy_buffer(TsrStream* stream, TsrBuffer* source, uint64_t source_offset,
                             TsrBuffer* target, uint64_t target_offset, uint64_t size,
                             TsrMessage* message) {
  (void)stream;
  (void)message;
  memmove((char*)target->data + target_offset, (const char*)source->data + source_offset,
          (size_t)size);
  return TSR_OK;
}

// ---- Streams and events ------------------------------------------------------------------------

static TsrStatus stream_create(TsrDevice* device, TsrStream** stream, TsrMessage* message) {
  *stream = malloc(sizeof(**stream));
  if (*stream == NULL) return fail(message, TSR_RESOURCE_EXHAUSTED, "no memory for a stream");
  (*stream)->device = device;
  return TSR_OK;
}

static void stream_destroy(TsrStream* stream) { free(stream); }

static TsrStatus stream_synchronize(TsrStream* stream, TsrMessage* message) {
  (void)stream;
  (void)message;
  return TSR_OK;
}

static TsrStatus event_create(TsrDevice* device, TsrEvent** event, TsrMessage* message) {
  *event = malloc(sizeof(**event));
  if (*event == NULL) return fail(message, TSR_RESOURCE_EXHAUSTED, "no memory for an event");
  (*event)->device = device;
  return TSR_OK;
}

static void event_destroy(TsrEvent* event) { free(event); }

static TsrStatus event_record(TsrEvent* event, TsrStream* stream, TsrMessage* message) {
  (void)event;
  (void)stream;
  (void)message;
  return TSR_OK;
}

static TsrStatus event_wait(TsrEvent* event, TsrStream* stream, TsrMessage* message) {
  (void)event;
  (void)stream;
  (void)message;
  return TSR_OK;
}

static TsrStatus event_synchronize(TsrEvent* event, TsrMessage* message) {
  (void)event;
  (void)message;
  return TSR_OK;
}

static TsrStatus event_query(TsrEvent* event, uint32_t* reached, TsrMessage* message) {
  (void)event;
  (void)message;
  *reached = 1;
  return TSR_OK;
}

// ---- Kernels -----------------------------------------------------------------------------------

// Bytes of an element, 0 for a dtype that this plugin does not know.
static size_t item_size(uint32_t dtype) {
  switch (dtype) {
    case TSR_UINT8:
    case TSR_BOOL:
      return 1;
    case TSR_FLOAT16:
    case TSR_BFLOAT16:
      return 2;
    case TSR_FLOAT32:
    case TSR_INT32:
      return 4;
    case TSR_FLOAT64:
    case TSR_INT64:
      return 8;
    default:
      return 0;
  }
}

// What `copy` is in docs/ops.md, except that it does not convert: that is left to be written, and
// until then the answer has to be TSR_UNIMPLEMENTED. A node with attributes that `copy` does not
// have comes from a newer host, and may mean something else.
static TsrStatus copy_supports(TsrDevice* device, const TsrNode* node, TsrMessage* message) {
  (void)device;
  if (node->n_inputs != 1 || node->n_outputs != 1 || node->n_ints != 0 || node->n_doubles != 0) {
    return fail(message, TSR_UNIMPLEMENTED, "copy: %u inputs, %u outputs, %u ints, %u doubles",
                (unsigned)node->n_inputs, (unsigned)node->n_outputs, (unsigned)node->n_ints,
                (unsigned)node->n_doubles);
  }
  const uint32_t from = node->inputs[0]->dtype;
  const uint32_t to = node->outputs[0]->dtype;
  if (from != to || item_size(from) == 0) {
    return fail(message, TSR_UNIMPLEMENTED, "copy: from dtype %u to dtype %u", (unsigned)from,
                (unsigned)to);
  }
  return TSR_OK;
}

// Copies `dimensions` dimensions from `x` to `y`; both have the shape. Rank 0 is one element, and
// a dimension of size 0 none.
static void copy_dimensions(const char* x, const int64_t* x_strides, char* y,
                            const int64_t* y_strides, const int64_t* shape, uint32_t dimensions,
                            size_t item) {
  if (dimensions == 0) {
    memcpy(y, x, item);
    return;
  }
  for (int64_t i = 0; i < shape[0]; ++i) {
    copy_dimensions(x + i * x_strides[0] * (int64_t)item, x_strides + 1,
                    y + i * y_strides[0] * (int64_t)item, y_strides + 1, shape + 1, dimensions - 1,
                    item);
  }
}

static TsrStatus copy_launch(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  const TsrStatus status = copy_supports(stream->device, node, message);
  if (status != TSR_OK) return status;
  const TsrTensor* x = node->inputs[0];
  const TsrTensor* y = node->outputs[0];
  copy_dimensions(x->data, x->strides, y->data, y->strides, y->shape, y->rank, item_size(x->dtype));
  return TSR_OK;
}

static const TsrKernel* kernel_find(TsrDevice* device, const char* op) {
  static const TsrKernel copy = {sizeof(TsrKernel), copy_launch, copy_supports};
  (void)device;
  return strcmp(op, "copy") == 0 ? &copy : NULL;
}

// ---- The exported object -----------------------------------------------------------------------

// The functions of later minor versions are left NULL: there are no threads to set a budget for, no
// options, and the host replays graphs node by node.
static const TsrBackendApi api = {
    sizeof(TsrBackendApi),
    backend_initialize,
    backend_shutdown,
    device_count,
    device_info,
    device_open,
    device_close,
    device_memory,
    device_trim,
    buffer_allocate,
    buffer_free,
    copy_from_host,
    copy_to_host,
    copy_buffer,
    stream_create,
    stream_destroy,
    stream_synchronize,
    event_create,
    event_destroy,
    event_record,
    event_wait,
    event_synchronize,
    event_query,
    kernel_find,
    NULL,  // graph_create
    NULL,  // graph_launch
    NULL,  // graph_destroy
    NULL,  // set_thread_budget
    NULL,  // set_option
};

TSR_EXPORT extern const TsrPlugin tessera_plugin;
const TsrPlugin tessera_plugin = {
    TSR_PLUGIN_HEADER,
    "null",      // tessera_null.so, --backend=null
    "skeleton",  // free form
    &api,
};
