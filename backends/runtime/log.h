// SPDX-License-Identifier: Apache-2.0
//
// Lines that the runtime and plugins write to stderr.
#ifndef TESSERA_BACKENDS_RUNTIME_LOG_H_
#define TESSERA_BACKENDS_RUNTIME_LOG_H_

#include <cstdint>
#include <string_view>

namespace tessera {

// Writes "tessera: <where>: warning: <text>" (or "error") as one line. TSR_LOG_INFO is dropped.
// Thread-safe: lines of several threads do not mix.
void log_line(int32_t severity, std::string_view where, std::string_view text);

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_LOG_H_
