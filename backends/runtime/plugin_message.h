// SPDX-License-Identifier: Apache-2.0
//
// How a plugin's answer becomes an absl::Status.
#ifndef TESSERA_BACKENDS_RUNTIME_PLUGIN_MESSAGE_H_
#define TESSERA_BACKENDS_RUNTIME_PLUGIN_MESSAGE_H_

#include <string_view>

#include "absl/status/status.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera {

// The TsrStatus and message of a plugin call as an absl::Status: "cuda:0: <message>". A code that
// is none of TsrStatus becomes kInternal and is named. `message` may be NULL or empty.
absl::Status make_status(TsrStatus code, const char* message, std::string_view where);

// A message buffer on the stack, to be handed to a plugin.
//   PluginMessage m;
//   if (auto s = api->device_trim(handle, m.get())) return m.status(s, name);
class PluginMessage {
 public:
  PluginMessage() { text_[0] = '\0'; }
  PluginMessage(const PluginMessage&) = delete;
  PluginMessage& operator=(const PluginMessage&) = delete;

  TsrMessage* get() { return &message_; }
  // What the plugin wrote, cut at the capacity if it forgot the NUL.
  const char* text() {
    text_[sizeof(text_) - 1] = '\0';
    return text_;
  }
  absl::Status status(TsrStatus code, std::string_view where) {
    return make_status(code, text(), where);
  }

 private:
  char text_[512];
  TsrMessage message_ = {sizeof(TsrMessage), text_, sizeof(text_)};
};

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_PLUGIN_MESSAGE_H_
