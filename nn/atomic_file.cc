// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "absl/strings/str_cat.h"

namespace tessera::nn {

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

absl::Status AtomicFile::open(const std::string& path) {
  static std::atomic<uint32_t> counter{0};
  path_ = path;
  // O_EXCL never opens what is there, so that a name that is taken costs one more try.
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    temporary_ = absl::StrCat(path, ".tmp.", ::getpid(), ".", counter.fetch_add(1));
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) return absl::OkStatus();
    if (errno != EEXIST) break;
  }
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", temporary_));
}

absl::Status AtomicFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", temporary_));
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot sync ", temporary_));
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot rename ", temporary_, " to ", path_));
  }
  ::close(descriptor_);
  descriptor_ = -1;
  // The new name is in the folder; bring that to the disk too. The file is whole either way, and
  // some file systems refuse to sync folders, so that a failure here is none.
  const size_t slash = path_.rfind('/');
  const std::string folder = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path_.substr(0, slash);
  const int folder_descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_descriptor >= 0) {
    static_cast<void>(::fsync(folder_descriptor));
    ::close(folder_descriptor);
  }
  return absl::OkStatus();
}

}  // namespace tessera::nn
