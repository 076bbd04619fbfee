// SPDX-License-Identifier: Apache-2.0
//
// Statuses with a formatted message, as the C interface wants them.
#ifndef TESSERA_BACKENDS_PLUGIN_STATUS_H_
#define TESSERA_BACKENDS_PLUGIN_STATUS_H_

#include <cstdarg>
#include <cstdio>

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::plugin {

// Writes a printf-style text to `message`, which may be null, and returns `status`.
[[gnu::format(printf, 3, 4), gnu::cold, gnu::noinline]] inline TsrStatus fail(TsrMessage* message,
                                                                              TsrStatus status,
                                                                              const char* format,
                                                                              ...) {
  if (message != nullptr && message->text != nullptr && message->capacity > 0) {
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(message->text, message->capacity, format, arguments);
    va_end(arguments);
  }
  return status;
}

// Returns from the calling function with the status of `expression` unless it is TSR_OK.
#define TESSERA_PLUGIN_RETURN_IF_ERROR(expression)                               \
  do {                                                                           \
    if (const TsrStatus tessera_status = (expression); tessera_status != TSR_OK) \
      return tessera_status;                                                     \
  } while (false)

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_STATUS_H_
