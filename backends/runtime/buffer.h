// SPDX-License-Identifier: Apache-2.0
//
// Buffer: memory on a device, given back when the last handle to it goes.
#ifndef TESSERA_BACKENDS_RUNTIME_BUFFER_H_
#define TESSERA_BACKENDS_RUNTIME_BUFFER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/backends/runtime/device_state.h"

namespace tessera {

// Owns one TsrBuffer. Movable, not copyable; share it through what holds it (tensor/storage.h).
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept : device_(other.device_), raw_(other.raw_) {
    other.raw_ = nullptr;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      reset();
      device_ = other.device_;
      raw_ = other.raw_;
      other.raw_ = nullptr;
    }
    return *this;
  }
  ~Buffer() { reset(); }

  // `bytes` may be 0. Contents are undefined.
  //   errors: kResourceExhausted with what was asked for and what is in use
  static absl::StatusOr<Buffer> allocate(DeviceState* device, uint64_t bytes);

  void reset() {
    if (raw_ != nullptr) {
      device_->api->buffer_free(device_->stream, raw_);
      raw_ = nullptr;
    }
  }

  bool is_null() const { return raw_ == nullptr; }
  TsrBuffer* raw() const { return raw_; }
  void* data() const { return raw_->data; }
  uint64_t size() const { return raw_->size; }
  DeviceState* device() const { return device_; }

  // Copies between host memory and bytes [offset, offset + size) of this buffer, on the device's
  // stream. `read` waits for the data.
  //   errors: kOutOfRange past the end; what the device reports
  absl::Status write(uint64_t offset, const void* source, uint64_t size);
  absl::Status read(uint64_t offset, void* target, uint64_t size) const;

 private:
  Buffer(DeviceState* device, TsrBuffer* raw) : device_(device), raw_(raw) {}
  DeviceState* device_ = nullptr;
  TsrBuffer* raw_ = nullptr;
};

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_BUFFER_H_
