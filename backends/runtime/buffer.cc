// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/buffer.h"

#include "absl/strings/str_cat.h"

namespace tessera {
namespace {

absl::Status check_range(const DeviceState* device, const char* what, uint64_t offset,
                         uint64_t size, uint64_t available) {
  if (offset <= available && size <= available - offset) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat(device->name, ": ", what, " of ", size,
                                            " bytes at offset ", offset, " of a buffer of ",
                                            available, " bytes"));
}

}  // namespace

absl::StatusOr<Buffer> Buffer::allocate(DeviceState* device, uint64_t bytes) {
  PluginMessage message;
  TsrBuffer* raw = nullptr;
  TsrStatus code;
  {
    StreamLock lock(device);
    code = device->api->buffer_allocate(device->stream, bytes, &raw, message.get());
  }
  if (code != TSR_OK) [[unlikely]]
    return message.status(code, device->name);
  if (raw == nullptr || raw->size < bytes) [[unlikely]] {
    const uint64_t size = raw == nullptr ? 0 : raw->size;
    if (raw != nullptr) device->api->buffer_free(device->stream, raw);
    return absl::InternalError(absl::StrCat(device->name, ": asked for a buffer of ", bytes,
                                            " bytes, the plugin gave ", size));
  }
  return Buffer(device, raw);
}

absl::Status Buffer::write(uint64_t offset, const void* source, uint64_t size) {
  absl::Status in_range = check_range(device_, "write", offset, size, raw_->size);
  if (!in_range.ok() || size == 0) return in_range;
  PluginMessage message;
  StreamLock lock(device_);
  return message.status(
      device_->api->copy_from_host(device_->stream, source, raw_, offset, size, message.get()),
      device_->name);
}

absl::Status Buffer::read(uint64_t offset, void* target, uint64_t size) const {
  absl::Status in_range = check_range(device_, "read", offset, size, raw_->size);
  if (!in_range.ok() || size == 0) return in_range;
  PluginMessage message;
  StreamLock lock(device_);
  TsrStatus code =
      device_->api->copy_to_host(device_->stream, raw_, offset, target, size, message.get());
  if (code == TSR_OK) code = device_->api->stream_synchronize(device_->stream, message.get());
  return message.status(code, device_->name);
}

}  // namespace tessera
