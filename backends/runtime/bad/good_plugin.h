// SPDX-License-Identifier: Apache-2.0
//
// The functions of the null plugin, to build bad ones from. Its descriptor is there under another
// name and is not used.
#ifndef TESSERA_BACKENDS_RUNTIME_BAD_GOOD_PLUGIN_H_
#define TESSERA_BACKENDS_RUNTIME_BAD_GOOD_PLUGIN_H_

#define tessera_plugin good_plugin
#include "backends/null/plugin.c"
#undef tessera_plugin

// The initializers of a good TsrBackendApi.
#define GOOD_API                                                                                  \
  .struct_size = sizeof(TsrBackendApi), .backend_initialize = backend_initialize,                 \
  .backend_shutdown = backend_shutdown, .device_count = device_count, .device_info = device_info, \
  .device_open = device_open, .device_close = device_close, .device_memory = device_memory,       \
  .device_trim = device_trim, .buffer_allocate = buffer_allocate, .buffer_free = buffer_free,     \
  .copy_from_host = copy_from_host, .copy_to_host = copy_to_host, .copy_buffer = copy_buffer,     \
  .stream_create = stream_create, .stream_destroy = stream_destroy,                               \
  .stream_synchronize = stream_synchronize, .event_create = event_create,                         \
  .event_destroy = event_destroy, .event_record = event_record, .event_wait = event_wait,         \
  .event_synchronize = event_synchronize, .event_query = event_query, .kernel_find = kernel_find

#endif  // TESSERA_BACKENDS_RUNTIME_BAD_GOOD_PLUGIN_H_
