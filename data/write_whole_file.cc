// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/write_whole_file.h"

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"

namespace tessera::data {

absl::Status write_whole_file(const std::string& path, std::string_view content) {
  const std::string part = path + ".part";
  const auto failed = [&](const char* what) {
    absl::Status status = absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot ", what));
    std::remove(part.c_str());
    return status;
  };
  FILE* file = std::fopen(part.c_str(), "wbe");
  if (file == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot write ", part));
  }
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  if (!written) {
    absl::Status status = failed("write");
    std::fclose(file);
    return status;
  }
  if (std::fclose(file) != 0) return failed("write");
  if (std::rename(part.c_str(), path.c_str()) != 0) return failed("rename the finished file");
  return absl::OkStatus();
}

}  // namespace tessera::data
