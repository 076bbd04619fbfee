// SPDX-License-Identifier: Apache-2.0
//
// TarReader: the files in a tar archive, one after the other, gzipped or not.
//
//   source: POSIX.1-1988 (ustar); of GNU and pax extensions, sizes in base 256. Long names that
//           stand in members of their own are not put together: such members are passed over.
#ifndef TESSERA_DATA_TAR_READER_H_
#define TESSERA_DATA_TAR_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/data/gzip_file.h"

namespace tessera::data {

class TarReader {
 public:
  struct Entry {
    std::string name;
    int64_t size = 0;  // bytes
  };

  //   errors: those of GzipFile::open()
  static absl::StatusOr<TarReader> open(const std::string& path);

  // The next regular file, what is left of the one before passed over; none after the last.
  //   errors: kInvalidArgument: a header that cannot be, with its offset; kDataLoss: damaged gzip
  //           data, an archive that is cut off
  absl::StatusOr<std::optional<Entry>> next();

  // The content of the file that next() gave. Once per file.
  //   errors: kDataLoss; kResourceExhausted above `max_bytes`, before memory for it is taken
  absl::StatusOr<std::string> read(int64_t max_bytes);

 private:
  explicit TarReader(GzipFile file) : file_(std::move(file)) {}
  absl::Status skip(int64_t bytes);
  absl::Status cut_off() const;

  GzipFile file_;
  int64_t offset_ = 0;  // in the archive
  int64_t left_ = 0;    // bytes of the current file
  int64_t padding_ = 0;
  std::string name_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_TAR_READER_H_
