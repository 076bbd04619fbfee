// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/device.h"

#include <atomic>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/device_open.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/backends/runtime/log.h"
#include "tessera/backends/runtime/registry.h"
#include "tessera/backends/runtime/thread_budget.h"

namespace tessera {
namespace {

constexpr char kPrecisionOption[] = "float32_matmul_precision";
constexpr char kHighestPrecision[] = "highest";

// nullptr until the first use, or set_default_device().
std::atomic<DeviceState*> default_device{nullptr};

DeviceState* get_default_device() {
  DeviceState* state = default_device.load(std::memory_order_acquire);
  if (state != nullptr) [[likely]]
    return state;
  DeviceState* cpu = value_or_raise(find_device("cpu")).state();
  // Another thread may have set it meanwhile; that one stands.
  return default_device.compare_exchange_strong(state, cpu) ? cpu : state;
}

}  // namespace

Device::Device() : state_(get_default_device()) {}

Device::Device(std::string_view name) : state_(value_or_raise(find_device(name)).state_) {}

const std::string& Device::name() const { return state_->name; }
const std::string& Device::backend() const { return state_->backend->name; }
int Device::index() const { return state_->index; }
bool Device::is_host_visible() const { return state_->host_visible; }
const TsrDeviceInfo& Device::info() const { return state_->info; }

absl::Status Device::synchronize() const {
  PluginMessage message;
  StreamLock lock(state_);
  return message.status(state_->api->stream_synchronize(state_->stream, message.get()),
                        state_->name);
}

absl::StatusOr<TsrMemoryStats> Device::memory() const {
  TsrMemoryStats stats = {};
  stats.struct_size = sizeof(stats);
  PluginMessage message;
  TsrStatus code = state_->api->device_memory(state_->handle, &stats, message.get());
  if (code != TSR_OK) return message.status(code, state_->name);
  return stats;
}

absl::Status Device::trim() const {
  PluginMessage message;
  return message.status(state_->api->device_trim(state_->handle, message.get()), state_->name);
}

absl::StatusOr<Device> find_device(std::string_view name) {
  const size_t colon = name.find(':');
  int index = 0;
  if (colon != std::string_view::npos) {
    const std::string_view digits = name.substr(colon + 1);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos ||
        !absl::SimpleAtoi(digits, &index)) {
      return absl::InvalidArgumentError(
          absl::StrCat("device \"", name, "\": expected \"backend\" or \"backend:index\""));
    }
  }
  absl::StatusOr<BackendState*> backend = find_backend(name.substr(0, colon));
  if (!backend.ok()) return std::move(backend).status();
  absl::StatusOr<DeviceState*> device = open_device(*backend, index);
  if (!device.ok()) return std::move(device).status();
  return Device(*device);
}

void set_default_device(Device device) {
  default_device.store(device.state(), std::memory_order_release);
}

std::vector<Device> all_devices() {
  std::vector<Device> devices;
  for (const BackendCandidate& candidate : backend_candidates()) {
    if (!candidate.taken) continue;
    absl::StatusOr<BackendState*> backend = find_backend(candidate.backend);
    if (!backend.ok()) continue;  // shut down meanwhile
    const int count = count_devices(**backend).value_or(0);
    for (int index = 0; index < count; ++index) {
      absl::StatusOr<DeviceState*> device = open_device(*backend, index);
      if (device.ok()) {
        devices.emplace_back(*device);
      } else {
        log_line(TSR_LOG_WARNING, "all_devices", device.status().message());
      }
    }
  }
  return devices;
}

void set_num_threads(int threads) {
  if (threads < 1 || threads > kMaxThreads) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("set_num_threads: expected 1 to ", kMaxThreads, " threads, got ", threads)));
  }
  raise_if_error(set_thread_budget(threads));
}

int get_num_threads() { return thread_budget(); }

void set_float32_matmul_precision(std::string_view precision) {
  if (precision != kHighestPrecision && precision != "high" && precision != "medium") {
    raise(absl::InvalidArgumentError(absl::StrCat(
        "set_float32_matmul_precision: wants highest, high or medium, got \"", precision, "\"")));
  }
  raise_if_error(set_backend_option(kPrecisionOption, std::string(precision)));
}

std::string get_float32_matmul_precision() {
  const std::string set = backend_option(kPrecisionOption);
  return set.empty() ? kHighestPrecision : set;
}

}  // namespace tessera
