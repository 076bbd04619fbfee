// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/device_open.h"

#include <cstring>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/log.h"

namespace tessera {
namespace {

std::string device_name(const BackendState& backend, int index) {
  return absl::StrCat(backend.name, ":", index);
}

// A plugin that writes more than the struct_size that it was given is caught here.
struct GuardedInfo {
  TsrDeviceInfo info = {};
  unsigned char guard[256];
};

void report_live_buffers(const DeviceState& device) {
  TsrMemoryStats stats = {};
  stats.struct_size = sizeof(stats);
  if (device.api->device_memory(device.handle, &stats, nullptr) != TSR_OK) return;
  if (stats.buffers_in_use == 0) return;
  log_line(TSR_LOG_WARNING, device.name,
           absl::StrCat("closed with ", stats.buffers_in_use, " live buffers of ",
                        stats.bytes_in_use, " bytes"));
}

}  // namespace

absl::StatusOr<int> count_devices(const BackendState& backend) {
  uint32_t count = 0;
  PluginMessage message;
  const TsrStatus code = backend.api.device_count(backend.handle, &count, message.get());
  if (code != TSR_OK) return message.status(code, backend.name);
  if (count == 0) {
    return make_status(TSR_UNAVAILABLE, message.text(), absl::StrCat(backend.name, ": no device"));
  }
  if (count > std::numeric_limits<uint16_t>::max()) {
    return absl::InternalError(
        absl::StrCat(backend.name, ": the plugin claims ", count, " devices"));
  }
  return static_cast<int>(count);
}

absl::StatusOr<TsrDeviceInfo> device_info(const BackendState& backend, int index) {
  constexpr unsigned char kGuard = 0xA5;
  GuardedInfo guarded;
  TsrDeviceInfo& info = guarded.info;
  info.struct_size = sizeof(info);
  std::memset(guarded.guard, kGuard, sizeof(guarded.guard));
  PluginMessage message;
  const TsrStatus code =
      backend.api.device_info(backend.handle, static_cast<uint32_t>(index), &info, message.get());
  if (code != TSR_OK) return message.status(code, device_name(backend, index));
  for (unsigned char byte : guarded.guard) {
    if (byte == kGuard) continue;
    return absl::InternalError(absl::StrCat(device_name(backend, index),
                                            ": device_info wrote beyond the ", sizeof(info),
                                            " bytes that TsrDeviceInfo.struct_size allows"));
  }
  info.struct_size = sizeof(info);
  info.name[sizeof(info.name) - 1] = '\0';
  info.driver[sizeof(info.driver) - 1] = '\0';
  return info;
}

absl::StatusOr<std::unique_ptr<DeviceState>> make_device(BackendState* backend, int index) {
  absl::StatusOr<TsrDeviceInfo> info = device_info(*backend, index);
  if (!info.ok()) return std::move(info).status();
  auto device = std::make_unique<DeviceState>();
  device->backend = backend;
  device->api = &backend->api;
  device->index = index;
  device->name = device_name(*backend, index);
  device->info = *info;
  device->host_visible = (info->flags & TSR_DEVICE_HOST_VISIBLE) != 0;
  device->concurrent = (info->flags & TSR_DEVICE_CONCURRENT) != 0;

  const TsrBackendApi& api = backend->api;
  PluginMessage message;
  TsrStatus code = api.device_open(backend->handle, static_cast<uint32_t>(index), &device->handle,
                                   message.get());
  if (code != TSR_OK) return message.status(code, device->name);
  code = api.stream_create(device->handle, &device->stream, message.get());
  if (code != TSR_OK) {
    api.device_close(device->handle);
    return message.status(code, device->name);
  }
  return device;
}

void close_device(DeviceState* device) {
  // What was freed may still be on its way through the stream.
  device->api->stream_synchronize(device->stream, nullptr);
  report_live_buffers(*device);
  device->api->stream_destroy(device->stream);
  device->api->device_close(device->handle);
  device->stream = nullptr;
  device->handle = nullptr;
  for (auto& kernel : device->kernels) kernel = &DeviceState::kNoKernel;
}

}  // namespace tessera
