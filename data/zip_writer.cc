// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/zip_writer.h"

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tessera::data {
namespace {

constexpr uint64_t kLimit = 0xFFFFFFFE;  // of sizes and offsets in 32 bits

template <class T>
void put(std::string& bytes, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

// Without zlib's header, as ZIP wants it. Empty if zlib has no memory.
std::string deflated_bytes(std::string_view content) {
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return "";
  }
  std::string bytes(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  const int code = deflate(&stream, Z_FINISH);
  bytes.resize(code == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return bytes;
}

}  // namespace

absl::Status ZipWriter::add(std::string_view name, std::string_view content, bool deflated) {
  if (name.size() > 0xFFFF || count_ == 0xFFFE) {
    return absl::InvalidArgumentError(absl::StrCat("ZIP: file ", count_, " with a name of ",
                                                   name.size(),
                                                   " bytes, the limits are 65534 and "
                                                   "65535"));
  }
  // The most that can still be added: this file, its two headers, and the end record.
  if (archive_.size() + directory_.size() + content.size() + 2 * name.size() + 200 > kLimit) {
    return absl::ResourceExhaustedError(absl::StrCat("ZIP: file ", name, " of ", content.size(),
                                                     " bytes in an archive of ", archive_.size(),
                                                     ", the limit is 4 GiB"));
  }
  std::string packed = deflated ? deflated_bytes(content) : "";
  const bool is_smaller = !packed.empty() && packed.size() < content.size();
  const std::string_view stored = is_smaller ? std::string_view(packed) : content;

  std::string common;              // to both headers
  put<uint16_t>(common, 20);       // needs version 2.0
  put<uint16_t>(common, 1 << 11);  // the name is UTF-8
  put<uint16_t>(common, is_smaller ? 8 : 0);
  put<uint16_t>(common, 0);           // time
  put<uint16_t>(common, 1 << 5 | 1);  // 1 January 1980, so that the same arrays are the same file
  put<uint32_t>(common, static_cast<uint32_t>(crc32_z(
                            0, reinterpret_cast<const Bytef*>(content.data()), content.size())));
  put<uint32_t>(common, static_cast<uint32_t>(stored.size()));
  put<uint32_t>(common, static_cast<uint32_t>(content.size()));
  put<uint16_t>(common, static_cast<uint16_t>(name.size()));
  put<uint16_t>(common, 0);  // no extra fields

  put<uint32_t>(directory_, 0x02014b50);
  put<uint16_t>(directory_, 20);
  directory_ += common;
  put<uint16_t>(directory_, 0);  // no comment
  put<uint16_t>(directory_, 0);  // part 0
  put<uint16_t>(directory_, 0);
  put<uint32_t>(directory_, 0);
  put<uint32_t>(directory_, static_cast<uint32_t>(archive_.size()));
  directory_ += name;

  put<uint32_t>(archive_, 0x04034b50);
  archive_ += common;
  archive_ += name;
  archive_ += stored;
  ++count_;
  return absl::OkStatus();
}

std::string ZipWriter::finish() {
  const uint32_t at = static_cast<uint32_t>(archive_.size());
  archive_ += directory_;
  put<uint32_t>(archive_, 0x06054b50);
  put<uint32_t>(archive_, 0);  // part 0 of 0
  put<uint16_t>(archive_, static_cast<uint16_t>(count_));
  put<uint16_t>(archive_, static_cast<uint16_t>(count_));
  put<uint32_t>(archive_, static_cast<uint32_t>(directory_.size()));
  put<uint32_t>(archive_, at);
  put<uint16_t>(archive_, 0);  // no comment
  return std::move(archive_);
}

}  // namespace tessera::data
