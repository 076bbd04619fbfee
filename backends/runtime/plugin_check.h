// SPDX-License-Identifier: Apache-2.0
//
// Whether a plugin's descriptor can be believed. Reads plain data; calls nothing of the plugin.
#ifndef TESSERA_BACKENDS_RUNTIME_PLUGIN_CHECK_H_
#define TESSERA_BACKENDS_RUNTIME_PLUGIN_CHECK_H_

#include <string_view>

#include "absl/status/status.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera {

// kLibrary: pointers are followed only into memory that the library is known to occupy.
// kNothing: pointers are believed; for a backend that is linked into the program.
enum class Probe { kNothing, kLibrary };

// Checks magic, versions, the size of every struct, the name and the function table of `plugin`.
// Sizes must be exactly those of the minor version that the plugin states, or, for a minor version
// newer than the host's, no smaller than the host's.
//   errors: kInvalidArgument; kFailedPrecondition for another ABI major version. The message begins
//           with `where` and has the expected and the found value.
absl::Status check_plugin(const TsrPlugin* plugin, Probe probe, std::string_view where);

// True for "cpu", "my_npu2": what a backend may be called.
bool is_backend_name(std::string_view name);

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_PLUGIN_CHECK_H_
