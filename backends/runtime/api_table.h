// SPDX-License-Identifier: Apache-2.0
//
// The host's own copy of a plugin's function table.
#ifndef TESSERA_BACKENDS_RUNTIME_API_TABLE_H_
#define TESSERA_BACKENDS_RUNTIME_API_TABLE_H_

#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"

// FUNCTION(name, minor version that brought it), in the table's order.
#define TESSERA_FOR_EACH_API_FUNCTION(FUNCTION) \
  FUNCTION(backend_initialize, 0)               \
  FUNCTION(backend_shutdown, 0)                 \
  FUNCTION(device_count, 0)                     \
  FUNCTION(device_info, 0)                      \
  FUNCTION(device_open, 0)                      \
  FUNCTION(device_close, 0)                     \
  FUNCTION(device_memory, 0)                    \
  FUNCTION(device_trim, 0)                      \
  FUNCTION(buffer_allocate, 0)                  \
  FUNCTION(buffer_free, 0)                      \
  FUNCTION(copy_from_host, 0)                   \
  FUNCTION(copy_to_host, 0)                     \
  FUNCTION(copy_buffer, 0)                      \
  FUNCTION(stream_create, 0)                    \
  FUNCTION(stream_destroy, 0)                   \
  FUNCTION(stream_synchronize, 0)               \
  FUNCTION(event_create, 0)                     \
  FUNCTION(event_destroy, 0)                    \
  FUNCTION(event_record, 0)                     \
  FUNCTION(event_wait, 0)                       \
  FUNCTION(event_synchronize, 0)                \
  FUNCTION(event_query, 0)                      \
  FUNCTION(kernel_find, 0)                      \
  FUNCTION(graph_create, 1)                     \
  FUNCTION(graph_launch, 1)                     \
  FUNCTION(graph_destroy, 1)                    \
  FUNCTION(set_thread_budget, 1)                \
  FUNCTION(set_option, 2)

namespace tessera {

// `api` with every function that it lacks (NULL, or beyond its struct_size) replaced by one that
// answers TSR_UNIMPLEMENTED. Functions that this host does not know are left out.
TsrBackendApi complete_api(const TsrBackendApi& api);

// The table of a backend that was shut down: functions answer TSR_FAILED_PRECONDITION, and those
// that give something back do nothing, so that a handle that outlives its backend is harmless.
TsrBackendApi stopped_api();

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_API_TABLE_H_
