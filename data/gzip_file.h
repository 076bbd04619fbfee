// SPDX-License-Identifier: Apache-2.0
//
// GzipFile: reads a file that is or is not compressed with gzip; its first bytes tell, not its
// name.
#ifndef TESSERA_DATA_GZIP_FILE_H_
#define TESSERA_DATA_GZIP_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct gzFile_s;  // zlib's

namespace tessera::data {

class GzipFile {
 public:
  //   errors: kNotFound, kPermissionDenied ... as the system says; kInvalidArgument if it is not a
  //           regular file. Every message begins with the path.
  static absl::StatusOr<GzipFile> open(const std::string& path);

  GzipFile(GzipFile&& other) noexcept;
  GzipFile& operator=(GzipFile&& other) noexcept;
  ~GzipFile();

  // Reads up to `bytes` bytes of content and returns how many there were; fewer only at the end.
  //   errors: kDataLoss if the compressed data is damaged or cut off
  absl::StatusOr<int64_t> read(void* target, int64_t bytes);

  const std::string& path() const { return path_; }
  bool is_compressed() const { return compressed_; }
  // Size of the file as it is stored, bytes.
  int64_t stored_size() const { return stored_size_; }
  // The most bytes of content that a file of this size can hold. Exact if it is not compressed.
  int64_t max_content_size() const;

 private:
  GzipFile(std::string path, gzFile_s* file, bool compressed, int64_t stored_size)
      : path_(std::move(path)), file_(file), compressed_(compressed), stored_size_(stored_size) {}
  std::string path_;
  gzFile_s* file_;  // owned
  bool compressed_;
  int64_t stored_size_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_GZIP_FILE_H_
