// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/read_whole_file.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/gzip_file.h"

namespace tessera::data {

absl::StatusOr<std::string> read_whole_file(const std::string& path, int64_t max_bytes) {
  absl::StatusOr<GzipFile> file = GzipFile::open(path);
  if (!file.ok()) return file.status();
  const auto too_long = [&](std::string_view found) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": ", found, " bytes, the limit is ", max_bytes));
  };
  if (!file->is_compressed() && file->stored_size() > max_bytes) {
    return too_long(absl::StrCat(file->stored_size()));
  }
  constexpr int64_t kFirstGuess = 1 << 20;
  std::string content;
  int64_t size = 0;
  // What is stored uncompressed is read in one go, and one byte more shows its end.
  int64_t wanted = file->is_compressed() ? kFirstGuess : file->stored_size() + 1;
  while (true) {
    content.resize(static_cast<size_t>(size + wanted));
    absl::StatusOr<int64_t> got = file->read(content.data() + size, wanted);
    if (!got.ok()) return got.status();
    size += *got;
    if (size > max_bytes) return too_long("more");
    if (*got < wanted) break;
    wanted = std::max(int64_t{1}, std::min(size, max_bytes - size + 1));
  }
  content.resize(static_cast<size_t>(size));
  return content;
}

}  // namespace tessera::data
