// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/error.h"

#include <cstdio>
#include <cstdlib>

namespace tessera {

void raise(absl::Status status) {
#if defined(__cpp_exceptions)
  throw Error(std::move(status));
#else
  std::fprintf(stderr, "tessera: fatal: %s: %s\n", absl::StatusCodeToString(status.code()).c_str(),
               std::string(status.message()).c_str());
  std::abort();
#endif
}

}  // namespace tessera
