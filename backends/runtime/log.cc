// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/log.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera {

void log_line(int32_t severity, std::string_view where, std::string_view text) {
  if (severity == TSR_LOG_INFO) return;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const std::string line = absl::StrCat(
      "tessera: ", where, severity == TSR_LOG_WARNING ? ": warning: " : ": error: ", text, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace tessera
