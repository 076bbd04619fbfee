// SPDX-License-Identifier: Apache-2.0
//
// What stands behind a Device. For dispatch, Buffer and the exam; programs use device.h.
#ifndef TESSERA_BACKENDS_RUNTIME_DEVICE_STATE_H_
#define TESSERA_BACKENDS_RUNTIME_DEVICE_STATE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera {

// A loaded and initialised plugin.
struct BackendState {
  std::string name;        // "cpu"
  std::string path;        // of the library; empty if linked in
  TsrBackendApi api = {};  // the host's copy; functions that the plugin lacks answer UNIMPLEMENTED
  TsrBackend* handle = nullptr;
};

// The most ops that a process may define. An op's id is its place in this range.
inline constexpr int kMaxOps = 1024;

struct DeviceState {
  BackendState* backend = nullptr;
  const TsrBackendApi* api = nullptr;  // &backend->api
  TsrDevice* handle = nullptr;
  TsrStream* stream = nullptr;  // the stream that eager work goes to
  int index = 0;
  std::string name;  // "cpu:0"
  TsrDeviceInfo info = {};
  bool host_visible = false;
  // kernel_find's answers by op id: nullptr not asked yet, &kNoKernel asked and there is none.
  std::array<std::atomic<const TsrKernel*>, kMaxOps> kernels = {};
  static const TsrKernel kNoKernel;
};

// The TsrStatus and message of a plugin call as an absl::Status. "cuda:0: <message>".
absl::Status make_status(TsrStatus code, const char* message, std::string_view where);

// A message buffer on the stack, to be handed to a plugin.
//   PluginMessage m;
//   if (auto s = api->device_trim(handle, m.get())) return m.status(s, name);
class PluginMessage {
 public:
  PluginMessage() { text_[0] = '\0'; }
  TsrMessage* get() { return &message_; }
  const char* text() const { return text_; }
  absl::Status status(TsrStatus code, std::string_view where) const {
    return make_status(code, text_, where);
  }

 private:
  char text_[512];
  TsrMessage message_ = {sizeof(TsrMessage), text_, sizeof(text_)};
};

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_DEVICE_STATE_H_
