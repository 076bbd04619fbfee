// SPDX-License-Identifier: Apache-2.0
//
// ZipReader: the files in a ZIP archive that is in memory. For npz.h.
//
//   source: PKWARE APPNOTE 6.3; ZIP64 sizes and offsets; methods stored (0) and deflated (8)
#ifndef TESSERA_DATA_ZIP_READER_H_
#define TESSERA_DATA_ZIP_READER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tessera::data {

class ZipReader {
 public:
  struct Entry {
    std::string name;
    uint16_t method = 0;
    uint32_t crc32 = 0;
    uint64_t stored_size = 0;  // bytes in the archive
    uint64_t size = 0;         // bytes of the file
    uint64_t offset = 0;       // of its local header
  };

  // `name` begins every message. `bytes` must outlive the reader.
  //   errors: kInvalidArgument: no ZIP archive, one of several parts, a directory that cannot be
  static absl::StatusOr<ZipReader> open(std::string name, std::string_view bytes);

  const std::vector<Entry>& entries() const { return entries_; }
  const std::string& name() const { return name_; }

  // The content of a file, unpacked.
  //   errors: kInvalidArgument: encrypted or of another method, a place outside the archive;
  //           kDataLoss: damaged data, another size or checksum than the directory says;
  //           kResourceExhausted above `max_bytes`, before memory for it is taken
  absl::StatusOr<std::string> read(const Entry& entry, int64_t max_bytes) const;

 private:
  ZipReader(std::string name, std::string_view bytes) : name_(std::move(name)), bytes_(bytes) {}
  absl::Status read_directory();
  absl::Status read_entries(uint64_t at, uint64_t size, uint64_t count);
  absl::Status invalid(const std::string& what) const;

  std::string name_;
  std::string_view bytes_;
  std::vector<Entry> entries_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_ZIP_READER_H_
