// SPDX-License-Identifier: Apache-2.0
//
// The null plugin with one thing wrong: BUILD defines BAD_API or BAD_PLUGIN as an initializer that
// overrides a field of the function table or the descriptor, such as `.magic = 5`. Each becomes a
// library of its own, and plugin_test says what the host makes of it.
#include "tessera/backends/runtime/bad/good_plugin.h"

// ---- Functions that misbehave ------------------------------------------------------------------

TsrStatus initialize_fails(const TsrHost* host, TsrBackend** backend, TsrMessage* message) {
  static int calls = 0;
  (void)host;
  (void)backend;
  return fail(message, TSR_FAILED_PRECONDITION, "the driver is too old (call %d)", ++calls);
}

TsrStatus initialize_logs(const TsrHost* host, TsrBackend** backend, TsrMessage* message) {
  host->log(host->context, TSR_LOG_INFO, "nobody wants to know");
  host->log(host->context, TSR_LOG_WARNING, "slow path\n");
  host->log(host->context, TSR_LOG_ERROR, "no fan");
  return backend_initialize(host, backend, message);
}

TsrStatus initialize_in_ranges(const TsrHost* host, TsrBackend** backend, TsrMessage* message) {
  host->range_begin(host->context, "initialize");
  host->range_begin(host->context, "driver");
  host->range_end(host->context);
  host->range_end(host->context);
  return backend_initialize(host, backend, message);
}

TsrStatus no_device(TsrBackend* backend, uint32_t* count, TsrMessage* message) {
  (void)backend;
  *count = 0;
  return fail(message, TSR_OK, "the driver library is not installed");
}

TsrStatus status_99(TsrBackend* backend, uint32_t* count, TsrMessage* message) {
  (void)backend;
  (void)count;
  return fail(message, 99, "odd");
}

TsrStatus info_overruns(TsrBackend* backend, uint32_t index, TsrDeviceInfo* info,
                        TsrMessage* message) {
  (void)backend;
  (void)index;
  (void)message;
  // Through a volatile pointer, so that no compiler sees where the struct ends.
  volatile char* bytes = (volatile char*)info;
  for (size_t i = sizeof(info->struct_size); i < sizeof(*info) + 8; ++i) bytes[i] = 'x';
  return TSR_OK;
}

TsrStatus info_without_nul(TsrBackend* backend, uint32_t index, TsrDeviceInfo* info,
                           TsrMessage* message) {
  (void)backend;
  (void)index;
  (void)message;
  memset(info->name, 'x', sizeof(info->name));
  memset(info->driver, 'y', sizeof(info->driver));
  return TSR_OK;
}

TsrStatus message_without_nul(TsrBackend* backend, uint32_t index, TsrDevice** device,
                              TsrMessage* message) {
  (void)backend;
  (void)index;
  (void)device;
  memset(message->text, 'z', (size_t)message->capacity);
  return TSR_UNAVAILABLE;
}

TsrStatus stream_fails(TsrDevice* device, TsrStream** stream, TsrMessage* message) {
  (void)device;
  (void)stream;
  return fail(message, TSR_RESOURCE_EXHAUSTED, "no queue is left");
}

TsrStatus half_a_buffer(TsrStream* stream, uint64_t size, TsrBuffer** buffer, TsrMessage* message) {
  return buffer_allocate(stream, size / 2, buffer, message);
}

TsrStatus no_buffer(TsrStream* stream, uint64_t size, TsrBuffer** buffer, TsrMessage* message) {
  (void)stream;
  (void)size;
  (void)message;
  *buffer = NULL;
  return TSR_OK;
}

const TsrKernel* odd_kernels(TsrDevice* device, const char* op) {
  static const TsrKernel short_kernel = {16, copy_launch, copy_supports};
  static const TsrKernel empty_kernel = {sizeof(TsrKernel), NULL, NULL};
  if (strcmp(op, "short") == 0) return &short_kernel;
  if (strcmp(op, "empty") == 0) return &empty_kernel;
  return kernel_find(device, op);
}

// ---- What the initializers use -----------------------------------------------------------------

int data;
#define DATA_AS_FUNCTION ((void (*)(TsrStream*, TsrBuffer*))(void*)&data)
#define UNALIGNED_API ((const TsrBackendApi*)((const char*)&bad_api + 1))
#define UNMAPPED_API ((const TsrBackendApi*)UINT64_C(0x1000))
#define NAME_OF_32 "an_endless_name_of_a_backend_012"
#define BUILD_ID_OF_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#ifndef BAD_API
#define BAD_API
#endif
#ifndef BAD_PLUGIN
#define BAD_PLUGIN
#endif

// A later initializer of a field overrides an earlier one; that is what this file is about.
#pragma GCC diagnostic ignored "-Woverride-init"
// So is a name that fills its array and has no end.
#if __GNUC__ >= 15
#pragma GCC diagnostic ignored "-Wunterminated-string-initialization"
#endif

static const TsrBackendApi bad_api = {GOOD_API, BAD_API};

TSR_EXPORT extern const TsrPlugin tessera_plugin;
const TsrPlugin tessera_plugin = {TSR_PLUGIN_HEADER, BAD_NAME, "bad", .api = &bad_api, BAD_PLUGIN};
