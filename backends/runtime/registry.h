// SPDX-License-Identifier: Apache-2.0
//
// How plugins are found and loaded.
//
// A backend `name` is the library tessera_<name>.so, looked for in this order:
//   1. the path given to load_backend(), if one was
//   2. the folders in the environment variable TESSERA_PLUGIN_PATH (separated by ':')
//   3. Bazel's runfiles: */backends/<name>/ below $RUNFILES_DIR and below <program>.runfiles
//   4. the folder of the program itself, and its ../lib/tessera
// never the current directory. The first candidate that loads and passes the checks is taken; a
// candidate that is refused is remembered with its reason, for explain_backends().
#ifndef TESSERA_BACKENDS_RUNTIME_REGISTRY_H_
#define TESSERA_BACKENDS_RUNTIME_REGISTRY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/runtime/device_state.h"

namespace tessera {

// Makes a backend that is linked into the program known under plugin.name, in place of a library.
//   extern "C" const TsrPlugin tessera_plugin_cpu;       // from //backends/cpu:static
//   TESSERA_CHECK_OK(register_backend(tessera_plugin_cpu));
//   errors: as load_backend; kAlreadyExists if a backend of that name is loaded
absl::Status register_backend(const TsrPlugin& plugin);

// Loads the library at `path` (taken as it is; no search), whatever its file name.
//   errors: kNotFound: no such file. kInvalidArgument: not a library, no entry, wrong magic, sizes
//           that cannot be. kFailedPrecondition: another ABI major version. Each names path,
//           expected and found values. kAlreadyExists if a backend of that name is loaded.
absl::Status load_backend(const std::string& path);

// The loaded backend `name`, searching and loading it if need be. Thread-safe.
absl::StatusOr<BackendState*> find_backend(std::string_view name);

// Device `index` of a loaded backend, opened on the first call.
absl::StatusOr<DeviceState*> open_device(BackendState* backend, int index);

// Every candidate that was or would be looked at, one line each, in order, with what became of it
// ("taken", or why not), for the backends that Tessera ships and any found in the search folders.
struct BackendCandidate {
  std::string backend;  // "cuda"
  std::string path;     // or "(linked in)"
  bool taken = false;
  std::string reason;   // why it was refused; of a taken one: version, build id, number of devices
};
std::vector<BackendCandidate> backend_candidates();
std::string explain_backends();

// Closes all devices and shuts all backends down. No tensor may be alive. The libraries stay mapped.
void shutdown_backends();

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_REGISTRY_H_
