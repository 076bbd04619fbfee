// SPDX-License-Identifier: Apache-2.0
//
// A plugin of a later minor version: a longer function table, a longer descriptor, and every struct
// larger. It loads, and what the host does not know is not called.
#include "tessera/backends/runtime/bad/good_plugin.h"

typedef struct LaterApi {
  TsrBackendApi known;
  void (*unknown[3])(void);
} LaterApi;

typedef struct LaterPlugin {
  TsrPlugin known;
  uint64_t unknown[2];
} LaterPlugin;

static void never_called(void) { abort(); }

// As that version would have it: fields that the host does not have room for are not written.
static TsrStatus later_device_info(TsrBackend* backend, uint32_t index, TsrDeviceInfo* info,
                                   TsrMessage* message) {
  if (info->struct_size > sizeof(TsrDeviceInfo)) memset(info + 1, 1, 8);
  return device_info(backend, index, info, message);
}

#pragma GCC diagnostic ignored "-Woverride-init"

static const LaterApi later_api = {
    {GOOD_API, .struct_size = sizeof(LaterApi), .device_info = later_device_info},
    {never_called, never_called, never_called}};

TSR_EXPORT extern const LaterPlugin tessera_plugin;
const LaterPlugin tessera_plugin = {
    {sizeof(LaterPlugin), TSR_PLUGIN_MAGIC, TSR_ABI_MAJOR, TSR_ABI_MINOR + 1, sizeof(LaterApi),
     sizeof(TsrHost) + 8, sizeof(TsrNode) + 16, sizeof(TsrTensor) + 8, sizeof(TsrBuffer) + 8,
     sizeof(TsrKernel) + 8, "bad_newer_minor", "later", &later_api.known},
    {1, 2}};
