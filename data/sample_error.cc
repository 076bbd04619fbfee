// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/sample_error.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tessera::data {

std::string describe_samples(absl::Span<const int64_t> indices) {
  constexpr size_t kShown = 8;
  const size_t shown = std::min(indices.size(), kShown);
  std::string text = absl::StrCat("samples ", absl::StrJoin(indices.first(shown), ", "));
  if (shown < indices.size()) absl::StrAppend(&text, " and ", indices.size() - shown, " more");
  return text;
}

#if defined(__cpp_exceptions)
void throw_with_place(const std::string& where) {
  try {
    throw;
  } catch (const Error& error) {
    std::throw_with_nested(
        Error(absl::Status(error.code(), absl::StrCat(where, ": ", error.what()))));
  } catch (const std::exception& error) {
    std::throw_with_nested(Error(absl::UnknownError(absl::StrCat(where, ": ", error.what()))));
  }
}
#endif

}  // namespace tessera::data
