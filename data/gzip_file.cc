// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/gzip_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tessera::data {
namespace {

// Deflate's densest code is 258 bytes for 2 bits.
constexpr int64_t kMaxExpansion = 1032;

absl::Status system_error(const std::string& path, const char* what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot ", what));
}

}  // namespace

absl::StatusOr<GzipFile> GzipFile::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return system_error(path, "open");
  struct stat info;
  if (fstat(descriptor, &info) != 0) {
    absl::Status status = system_error(path, "stat");
    close(descriptor);
    return status;
  }
  if (!S_ISREG(info.st_mode)) {
    close(descriptor);
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a regular file"));
  }
  gzFile file = gzdopen(descriptor, "rb");
  if (file == nullptr) {
    close(descriptor);
    return absl::ResourceExhaustedError(absl::StrCat(path, ": no memory for zlib"));
  }
  gzbuffer(file, 1 << 17);
  const bool compressed = gzdirect(file) == 0;
  return GzipFile(path, file, compressed, info.st_size);
}

GzipFile::GzipFile(GzipFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, nullptr)),
      compressed_(other.compressed_),
      stored_size_(other.stored_size_) {}

GzipFile& GzipFile::operator=(GzipFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  std::swap(compressed_, other.compressed_);
  std::swap(stored_size_, other.stored_size_);
  return *this;
}

GzipFile::~GzipFile() {
  if (file_ != nullptr) gzclose_r(file_);
}

absl::StatusOr<int64_t> GzipFile::read(void* target, int64_t bytes) {
  constexpr int64_t kMostAtOnce = 1 << 30;  // gzread's count is an unsigned int
  char* to = static_cast<char*>(target);
  int64_t done = 0;
  while (done < bytes) {
    const int64_t wanted = std::min(bytes - done, kMostAtOnce);
    const int got = gzread(file_, to + done, static_cast<unsigned>(wanted));
    if (got > 0) done += got;
    if (got < wanted) break;
  }
  // zlib reports a cut-off stream only here, not as a failed read.
  int code = Z_OK;
  const char* message = gzerror(file_, &code);
  if (code == Z_ERRNO) return system_error(path_, "read");
  if (code == Z_MEM_ERROR) {
    return absl::ResourceExhaustedError(absl::StrCat(path_, ": no memory for zlib"));
  }
  if (code != Z_OK && code != Z_STREAM_END) {
    return absl::DataLossError(absl::StrCat(path_, ": damaged gzip data after ", done, " bytes: ",
                                            code == Z_BUF_ERROR ? "the file is cut off" : message));
  }
  return done;
}

int64_t GzipFile::max_content_size() const {
  if (!compressed_) return stored_size_;
  return std::min(stored_size_, std::numeric_limits<int64_t>::max() / kMaxExpansion) *
         kMaxExpansion;
}

}  // namespace tessera::data
