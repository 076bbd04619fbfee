// SPDX-License-Identifier: Apache-2.0
//
// A plugin's file, up to its descriptor.
#ifndef TESSERA_BACKENDS_RUNTIME_PLUGIN_LIBRARY_H_
#define TESSERA_BACKENDS_RUNTIME_PLUGIN_LIBRARY_H_

#include <string>

#include "absl/status/statusor.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera {

// Maps the library at `path` (relative to the working directory, never searched for) and returns
// its checked descriptor. The library stays mapped, also when it is refused; the descriptor lives
// as long. Nothing of the plugin is called, but its static constructors run.
//   errors: kNotFound: no such file. kInvalidArgument: no library, a truncated one, no entry, or
//           what check_plugin() says. kFailedPrecondition: the loader refuses it (for instance
//           because a library that it needs is missing), another ABI major version.
absl::StatusOr<const TsrPlugin*> open_plugin_library(const std::string& path);

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_PLUGIN_LIBRARY_H_
