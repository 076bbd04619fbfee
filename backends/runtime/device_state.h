// SPDX-License-Identifier: Apache-2.0
//
// What stands behind a Device. For dispatch, Buffer and the exam; programs use device.h.
#ifndef TESSERA_BACKENDS_RUNTIME_DEVICE_STATE_H_
#define TESSERA_BACKENDS_RUNTIME_DEVICE_STATE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/runtime/plugin_message.h"

namespace tessera {

// A loaded and initialised plugin.
struct BackendState {
  std::string name;        // "cpu"
  std::string path;        // of the library; empty if linked in
  std::string build_id;    // as the plugin states it
  uint32_t abi_minor = 0;  // as the plugin was compiled; the major version is the host's
  TsrBackendApi api = {};  // the host's copy; functions that the plugin lacks answer UNIMPLEMENTED
  TsrBackend* handle = nullptr;
};

// The most ops that a process may define. An op's id is its place in this range.
inline constexpr int kMaxOps = 1024;

struct DeviceState {
  BackendState* backend = nullptr;
  const TsrBackendApi* api = nullptr;  // &backend->api
  TsrDevice* handle = nullptr;
  TsrStream* stream = nullptr;  // the stream that eager work goes to; use it under a StreamLock
  int index = 0;
  std::string name;  // "cpu:0"
  TsrDeviceInfo info = {};
  bool host_visible = false;
  bool concurrent = false;  // TSR_DEVICE_CONCURRENT
  std::mutex stream_mutex;  // taken by StreamLock
  // kernel_find's answers by op id: nullptr not asked yet, &kNoKernel asked and there is none.
  // Filled by find_kernel().
  std::array<std::atomic<const TsrKernel*>, kMaxOps> kernels = {};
  static const TsrKernel kNoKernel;
};

// Held around plugin calls that take `device->stream`: the ABI allows one thread at a time per
// stream, except on devices that say that they are concurrent, where this is one branch.
// buffer_free needs no lock.
class StreamLock {
 public:
  explicit StreamLock(DeviceState* device)
      : mutex_(device->concurrent ? nullptr : &device->stream_mutex) {
    if (mutex_ != nullptr) mutex_->lock();
  }
  ~StreamLock() {
    if (mutex_ != nullptr) mutex_->unlock();
  }
  StreamLock(const StreamLock&) = delete;
  StreamLock& operator=(const StreamLock&) = delete;

 private:
  std::mutex* mutex_;
};

// The device's kernel for the op with this id and name, or nullptr if it has none. Asks the plugin
// once per op. A kernel that is malformed (no launch, too short) is logged and counts as none.
// Thread-safe.
const TsrKernel* ask_for_kernel(DeviceState* device, int op_id, const char* op);
inline const TsrKernel* find_kernel(DeviceState* device, int op_id, const char* op) {
  const TsrKernel* kernel = device->kernels[op_id].load(std::memory_order_acquire);
  if (kernel == nullptr) [[unlikely]]
    return ask_for_kernel(device, op_id, op);
  return kernel == &DeviceState::kNoKernel ? nullptr : kernel;
}

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_DEVICE_STATE_H_
