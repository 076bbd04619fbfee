// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/registry.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tessera/backends/runtime/api_table.h"
#include "tessera/backends/runtime/device_open.h"
#include "tessera/backends/runtime/log.h"
#include "tessera/backends/runtime/plugin_check.h"
#include "tessera/backends/runtime/plugin_library.h"
#include "tessera/backends/runtime/plugin_search.h"
#include "tessera/backends/runtime/ranges.h"
#include "tessera/backends/runtime/thread_budget.h"

namespace tessera {
namespace {

constexpr char kLinkedIn[] = "(linked in)";

struct Backend {
  BackendState state;
  TsrHost host = {};
  std::vector<std::unique_ptr<DeviceState>> devices;  // by index; nullptr if it is not open
};

// A plugin whose backend_initialize failed. It may be called only once, and the plugin may have
// kept the address of its TsrHost.
struct FailedBackend {
  const TsrPlugin* plugin;
  absl::Status status;
  std::unique_ptr<Backend> backend;
};

struct Registry {
  std::mutex mutex;  // guards everything below
  std::vector<std::unique_ptr<Backend>> backends;
  std::vector<BackendCandidate> candidates;  // what was looked at, in order, grouped by backend
  std::vector<FailedBackend> failed;
  int threads = 0;  // 0: the default
  std::map<std::string, std::string, std::less<>> options;
  bool stopped = false;
};

// Never destroyed: handles in static objects may outlive main().
Registry& registry() {
  static Registry* const instance = new Registry;
  return *instance;
}

int threads_of(Registry& r) {
  if (r.threads == 0) r.threads = default_thread_budget();
  return r.threads;
}

Backend* find_loaded(Registry& r, std::string_view name) {
  for (const auto& backend : r.backends) {
    if (backend->state.name == name) return backend.get();
  }
  return nullptr;
}

Backend* owner_of(Registry& r, const BackendState* state) {
  for (const auto& backend : r.backends) {
    if (&backend->state == state) return backend.get();
  }
  return nullptr;
}

absl::Status stopped_error() {
  return absl::FailedPreconditionError("backends were shut down; no more can be loaded");
}

// A backend that does not know the option is none the worse.
absl::Status set_option(Backend& backend, const std::string& name, const std::string& value) {
  BackendState& state = backend.state;
  PluginMessage message;
  const TsrStatus code =
      state.api.set_option(state.handle, name.c_str(), value.c_str(), message.get());
  if (code == TSR_OK || code == TSR_UNIMPLEMENTED) return absl::OkStatus();
  return message.status(code, state.name);
}

// Initialises a plugin whose descriptor was checked. `path` is empty if it is linked in.
absl::Status initialize(Registry& r, const TsrPlugin& plugin, const std::string& path) {
  const std::string where = path.empty() ? absl::StrCat(plugin.name, " ", kLinkedIn) : path;
  if (const Backend* other = find_loaded(r, plugin.name)) {
    return absl::AlreadyExistsError(
        absl::StrCat(where, ": backend ", plugin.name, " is loaded already, from ",
                     other->state.path.empty() ? kLinkedIn : other->state.path));
  }
  for (const FailedBackend& failed : r.failed) {
    if (failed.plugin == &plugin) return failed.status;
  }
  auto backend = std::make_unique<Backend>();
  BackendState& state = backend->state;
  state.name = plugin.name;
  state.path = path;
  state.build_id = plugin.build_id;
  state.abi_minor = plugin.abi_minor;
  state.api = complete_api(*plugin.api);

  TsrHost& host = backend->host;
  host.struct_size = sizeof(host);
  host.context = &state;
  host.log = [](void* context, int32_t severity, const char* text) {
    log_line(severity, static_cast<const BackendState*>(context)->name, text);
  };
  host.range_begin = begin_range;
  host.range_end = end_range;
  host.thread_budget = static_cast<uint32_t>(threads_of(r));

  PluginMessage message;
  TsrStatus code = state.api.backend_initialize(&host, &state.handle, message.get());
  if (code != TSR_OK) {
    absl::Status status = message.status(code, absl::StrCat(where, ": backend_initialize"));
    r.failed.push_back({&plugin, status, std::move(backend)});
    return status;
  }
  for (const auto& [name, value] : r.options) {
    const absl::Status status = set_option(*backend, name, value);
    if (!status.ok()) log_line(TSR_LOG_WARNING, state.name, status.message());
  }
  r.backends.push_back(std::move(backend));
  return absl::OkStatus();
}

// Loads `path` for backend `name`, or under the name it gives itself if that is empty.
absl::Status load(Registry& r, const std::string& path, std::string_view name) {
  absl::StatusOr<const TsrPlugin*> plugin = open_plugin_library(path);
  if (!plugin.ok()) return std::move(plugin).status();
  if (!name.empty() && name != (*plugin)->name) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": calls itself ", (*plugin)->name, ", expected ", name));
  }
  return initialize(r, **plugin, path);
}

void forget_candidates(Registry& r, std::string_view name) {
  r.candidates.erase(std::remove_if(r.candidates.begin(), r.candidates.end(),
                                    [&](const BackendCandidate& c) { return c.backend == name; }),
                     r.candidates.end());
}

// The message without the path that the candidate's line has already.
std::string reason_of(const absl::Status& status, const std::string& path) {
  std::string_view text = status.message();
  if (absl::ConsumePrefix(&text, path)) absl::ConsumePrefix(&text, ": ");
  return std::string(text);
}

void record(Registry& r, std::string_view backend, const std::string& path,
            const absl::Status& status) {
  BackendCandidate line = {std::string(backend), path, status.ok(), reason_of(status, path)};
  for (BackendCandidate& known : r.candidates) {
    if (known.backend != backend || known.path != path) continue;
    if (!known.taken) known = std::move(line);
    return;
  }
  r.candidates.push_back(std::move(line));
}

// Fills r.candidates for `name` anew and loads the first that can be.
Backend* search(Registry& r, std::string_view name) {
  forget_candidates(r, name);
  Backend* found = nullptr;
  for (const SearchCandidate& candidate : search_candidates(name)) {
    BackendCandidate line = {std::string(name), candidate.path, false, candidate.refusal};
    if (!line.reason.empty()) {
    } else if (found != nullptr) {
      line.reason = "not looked at: already taken";
    } else if (absl::Status status = load(r, candidate.path, name); status.ok()) {
      line.taken = true;
      found = find_loaded(r, name);
    } else {
      line.reason = absl::IsNotFound(status) ? "no such file" : reason_of(status, candidate.path);
    }
    r.candidates.push_back(std::move(line));
  }
  return found;
}

// "; looked at /a/tessera_x.so (no such file), ..."
std::string describe_search(const Registry& r, std::string_view backend) {
  std::string text;
  for (const BackendCandidate& candidate : r.candidates) {
    if (candidate.backend != backend) continue;
    absl::StrAppend(&text, text.empty() ? "; looked at " : ", ", candidate.path, " (",
                    candidate.reason, ")");
  }
  return text.empty() ? "; there is no folder to look in" : text;
}

absl::StatusOr<Backend*> find(Registry& r, std::string_view name) {
  if (!is_backend_name(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", name, "\" is no backend's name: expected a-z, 0-9 and _, a letter first"));
  }
  if (r.stopped) return stopped_error();
  if (Backend* backend = find_loaded(r, name)) return backend;
  if (Backend* backend = search(r, name)) return backend;
  return absl::NotFoundError(absl::StrCat("no backend \"", name, "\"", describe_search(r, name)));
}

// After "taken": "ABI 0.2, build abc, 2 devices".
std::string describe_taken(const BackendState& backend) {
  const absl::StatusOr<int> count = count_devices(backend);
  return absl::StrCat(
      "ABI ", TSR_ABI_MAJOR, ".", backend.abi_minor, ", ",
      backend.build_id.empty() ? "" : absl::StrCat("build ", backend.build_id, ", "),
      !count.ok() ? std::string(count.status().message())
                  : absl::StrCat(*count, *count == 1 ? " device" : " devices"));
}

}  // namespace

absl::Status register_backend(const TsrPlugin& plugin) {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  if (r.stopped) return stopped_error();
  absl::Status status = check_plugin(&plugin, Probe::kNothing, kLinkedIn);
  if (!status.ok()) return status;
  status = initialize(r, plugin, "");
  record(r, plugin.name, kLinkedIn, status);
  return status;
}

absl::Status load_backend(const std::string& path) {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  if (r.stopped) return stopped_error();
  const size_t before = r.backends.size();
  absl::Status status = load(r, path, "");
  record(r, r.backends.size() > before ? r.backends.back()->state.name : "?", path, status);
  return status;
}

absl::StatusOr<BackendState*> find_backend(std::string_view name) {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  absl::StatusOr<Backend*> backend = find(r, name);
  if (!backend.ok()) return std::move(backend).status();
  return &(*backend)->state;
}

// Waits for the work of all devices, as far as nobody holds the registry.
static void wait_at_exit() {
  Registry& r = registry();
  const std::unique_lock<std::mutex> lock(r.mutex, std::try_to_lock);
  if (!lock.owns_lock() || r.stopped) return;
  for (const auto& backend : r.backends) {
    for (const auto& device : backend->devices) {
      if (device == nullptr || device->host_visible) continue;
      device->api->stream_synchronize(device->stream, nullptr);
    }
  }
}

absl::StatusOr<DeviceState*> open_device(BackendState* backend, int index) {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  if (r.stopped) return stopped_error();
  auto& devices = owner_of(r, backend)->devices;
  if (index >= 0 && static_cast<size_t>(index) < devices.size() && devices[index] != nullptr) {
    return devices[index].get();
  }
  absl::StatusOr<int> count = count_devices(*backend);
  if (!count.ok()) return std::move(count).status();
  if (index < 0 || index >= *count) {
    return absl::OutOfRangeError(absl::StrCat(backend->name, ":", index, ": ", backend->name,
                                              " has ", *count, *count == 1 ? " device" : " devices",
                                              ", counted from 0"));
  }
  absl::StatusOr<std::unique_ptr<DeviceState>> device = make_device(backend, index);
  if (!device.ok()) return std::move(device).status();
  if (devices.size() < static_cast<size_t>(*count)) devices.resize(*count);
  devices[index] = *std::move(device);
  // A program that ends with work under way would let drivers' destructors, registered by now, run
  // beside their threads. What is registered here runs before them.
  if (!devices[index]->host_visible) std::atexit(wait_at_exit);
  return devices[index].get();
}

std::vector<BackendCandidate> backend_candidates() {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  std::vector<std::string> names = {"cpu", "cuda", "vulkan"};
  for (const auto& backend : r.backends) names.push_back(backend->state.name);
  for (const BackendCandidate& candidate : r.candidates) names.push_back(candidate.backend);
  for (std::string& name : backends_in_search_folders()) names.push_back(std::move(name));

  std::vector<BackendCandidate> all;
  std::vector<std::string_view> done;
  for (const std::string& name : names) {
    if (std::find(done.begin(), done.end(), name) != done.end()) continue;
    done.push_back(name);
    if (!r.stopped && is_backend_name(name) && find_loaded(r, name) == nullptr) search(r, name);
    for (const BackendCandidate& candidate : r.candidates) {
      if (candidate.backend != name) continue;
      all.push_back(candidate);
      if (candidate.taken) {
        all.back().reason =
            r.stopped ? "was shut down" : describe_taken(find_loaded(r, name)->state);
      }
    }
  }
  return all;
}

std::string explain_backends() {
  // A reason that is longer than this pushes its path, not everybody's.
  constexpr size_t kWidestVerdict = 56;
  struct Line {
    std::string backend, verdict, path;
  };
  std::vector<Line> lines;
  size_t name_width = 0;
  size_t verdict_width = 0;
  for (BackendCandidate& candidate : backend_candidates()) {
    std::string verdict = absl::StrCat(candidate.taken ? "taken: " : "", candidate.reason);
    name_width = std::max(name_width, candidate.backend.size());
    if (verdict.size() <= kWidestVerdict) verdict_width = std::max(verdict_width, verdict.size());
    lines.push_back({std::move(candidate.backend), std::move(verdict), std::move(candidate.path)});
  }
  std::string text;
  for (Line& line : lines) {
    line.backend.resize(name_width, ' ');
    line.verdict.resize(std::max(line.verdict.size(), verdict_width), ' ');
    absl::StrAppend(&text, line.backend, "  ", line.verdict, "  ", line.path, "\n");
  }
  return text;
}

absl::Status set_thread_budget(int threads) {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  r.threads = threads;
  if (r.stopped) return absl::OkStatus();
  absl::Status first = absl::OkStatus();
  for (const auto& backend : r.backends) {
    backend->host.thread_budget = static_cast<uint32_t>(threads);
    // No kernel may be running.
    std::deque<StreamLock> streams;
    for (const auto& device : backend->devices) {
      if (device != nullptr) streams.emplace_back(device.get());
    }
    BackendState& state = backend->state;
    PluginMessage message;
    TsrStatus code =
        state.api.set_thread_budget(state.handle, static_cast<uint32_t>(threads), message.get());
    if (code != TSR_OK && code != TSR_UNIMPLEMENTED) first.Update(message.status(code, state.name));
  }
  return first;
}

int thread_budget() {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  return threads_of(r);
}

absl::Status set_backend_option(const std::string& name, const std::string& value) {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  r.options[name] = value;
  absl::Status first = absl::OkStatus();
  if (r.stopped) return first;
  for (const auto& backend : r.backends) first.Update(set_option(*backend, name, value));
  return first;
}

std::string backend_option(std::string_view name) {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  const auto found = r.options.find(name);
  return found != r.options.end() ? found->second : "";
}

void shutdown_backends() {
  Registry& r = registry();
  std::lock_guard<std::mutex> lock(r.mutex);
  if (r.stopped) return;
  r.stopped = true;
  for (const auto& backend : r.backends) {
    BackendState& state = backend->state;
    for (const auto& device : backend->devices) {
      if (device != nullptr) close_device(device.get());
    }
    state.api.backend_shutdown(state.handle);
    state.handle = nullptr;
    state.api = stopped_api();
  }
}

}  // namespace tessera
