// SPDX-License-Identifier: Apache-2.0
//
// How plugins are found and loaded.
//
// A backend `name` is the library tessera_<name>.so, looked for in this order:
//   1. the path given to load_backend(), if one was
//   2. the folders in the environment variable TESSERA_PLUGIN_PATH (separated by ':')
//   3. Bazel's runfiles: */backends/<name>/ below $RUNFILES_DIR and below <program>.runfiles
//   4. the folder of the program itself, and its ../lib/tessera
// never the current directory (relative folders in TESSERA_PLUGIN_PATH are refused). The first
// candidate that loads, passes the checks and initialises is taken; what became of each candidate
// is remembered for explain_backends(). A library that was mapped is never unmapped.
//
// All functions are thread-safe.
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
//   raise_if_error(register_backend(tessera_plugin_cpu));
//   errors: as load_backend
absl::Status register_backend(const TsrPlugin& plugin);

// Loads the library at `path` (taken as it is; no search), whatever its file name.
//   errors: kNotFound: no such file. kInvalidArgument: not a library, no entry, wrong magic, sizes
//           that cannot be. kFailedPrecondition: another ABI major version, a library that the
//           loader refuses, backends were shut down. Each names path, expected and found values.
//           kAlreadyExists if a backend of that name is loaded. What backend_initialize answers.
absl::Status load_backend(const std::string& path);

// The loaded backend `name`, searching and loading it if need be.
//   errors: kInvalidArgument if no backend can have that name, kFailedPrecondition after
//           shutdown_backends(), kNotFound if there is none; the message lists each candidate
absl::StatusOr<BackendState*> find_backend(std::string_view name);

// Device `index` of a loaded backend, opened on the first call.
//   errors: kOutOfRange if there is no such index, kUnavailable if there is no device at all
absl::StatusOr<DeviceState*> open_device(BackendState* backend, int index);

// What was, or would be, looked at for a backend.
struct BackendCandidate {
  std::string backend;  // "cuda"
  std::string path;     // or "(linked in)"
  bool taken = false;
  // Why it was not taken, or of a taken one: version, build id, number of devices.
  std::string reason;
};

// Every candidate, in the order of the search, for the backends that Tessera ships (cpu, cuda,
// vulkan), those that are loaded, those that somebody asked for, and those with a library in a
// folder that is searched. Loads what is not loaded.
std::vector<BackendCandidate> backend_candidates();
// The same as text, one line each: backend, what became of the candidate, path.
std::string explain_backends();

// Sets the thread budget of backends: of the loaded ones now, of others as they are loaded. Waits
// for kernels that are running; on a concurrent device (TSR_DEVICE_CONCURRENT) none may be.
//   errors: the first that a backend answers; a backend that has no threads to set is none
absl::Status set_thread_budget(int threads);
int thread_budget();

// Sets an option of backends (TsrBackendApi.set_option): of the loaded ones now, of others as they
// are loaded.
//   errors: the first that a backend answers; that it does not know the option is none
absl::Status set_backend_option(const std::string& name, const std::string& value);
// What the option was set to last, or "".
std::string backend_option(std::string_view name);

// Closes all devices and shuts all backends down; no backend can be loaded afterwards. No tensor
// may be alive and no other thread may be using a device: buffers that are alive are reported on
// stderr, and are gone. DeviceStates stay readable; what is called through them answers
// kFailedPrecondition.
void shutdown_backends();

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_REGISTRY_H_
