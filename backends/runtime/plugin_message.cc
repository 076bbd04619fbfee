// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/plugin_message.h"

#include "absl/strings/str_cat.h"

namespace tessera {

absl::Status make_status(TsrStatus code, const char* message, std::string_view where) {
  if (code == TSR_OK) return absl::OkStatus();
  const std::string_view text =
      message != nullptr && *message != '\0' ? message : "the plugin gave no reason";
  const std::string prefix = where.empty() ? "" : absl::StrCat(where, ": ");
  if (code < 0 || code > TSR_DATA_LOSS) {
    return absl::InternalError(
        absl::StrCat(prefix, text, " (the plugin answered status ", code, ", which is none)"));
  }
  return absl::Status(static_cast<absl::StatusCode>(code), absl::StrCat(prefix, text));
}

}  // namespace tessera
