// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/zip_reader.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tessera::data {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50, kDirectoryEntry = 0x02014b50;
constexpr uint32_t kEnd = 0x06054b50, kEnd64 = 0x06064b50, kEnd64Locator = 0x07064b50;
constexpr size_t kLocalBytes = 30, kEntryBytes = 46, kEndBytes = 22;
constexpr size_t kEnd64Bytes = 56, kLocatorBytes = 20;
constexpr uint32_t kIn64Bits = 0xFFFFFFFF;  // the number stands in a ZIP64 field
constexpr uint16_t kStored = 0, kDeflated = 8;

// Numbers at places that have been checked to be there.
template <class T>
T number(std::string_view bytes, size_t at) {
  T value = 0;
  for (size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>(value << (sizeof(T) > 1 ? 8 : 0) | static_cast<uint8_t>(bytes[at + i]));
  }
  return value;
}

bool fits(std::string_view bytes, uint64_t at, uint64_t size) {
  return at <= bytes.size() && size <= bytes.size() - at;
}

// Replaces the numbers of an entry that do not fit into 32 bits by those in its ZIP64 field.
bool read_zip64_field(std::string_view extra, ZipReader::Entry& entry) {
  uint64_t* const wide[] = {&entry.size, &entry.stored_size, &entry.offset};
  const auto is_wanted = [](const uint64_t* value) { return *value == kIn64Bits; };
  if (std::none_of(std::begin(wide), std::end(wide), is_wanted)) return true;
  while (extra.size() >= 4) {
    const uint16_t id = number<uint16_t>(extra, 0), size = number<uint16_t>(extra, 2);
    extra.remove_prefix(4);
    if (size > extra.size()) return false;
    std::string_view field = extra.substr(0, size);
    extra.remove_prefix(size);
    if (id != 1) continue;
    for (uint64_t* value : wide) {
      if (!is_wanted(value)) continue;
      if (field.size() < 8) return false;
      *value = number<uint64_t>(field, 0);
      field.remove_prefix(8);
    }
    return true;
  }
  return false;
}

}  // namespace

absl::Status ZipReader::invalid(const std::string& what) const {
  return absl::InvalidArgumentError(absl::StrCat(name_, ": ", what));
}

absl::StatusOr<ZipReader> ZipReader::open(std::string name, std::string_view bytes) {
  ZipReader reader(std::move(name), bytes);
  absl::Status status = reader.read_directory();
  if (!status.ok()) return status;
  return reader;
}

absl::Status ZipReader::read_directory() {
  // The end record is the last thing but for a comment of up to 65535 bytes.
  if (bytes_.size() < kEndBytes) return invalid("not a ZIP archive: it is too short");
  size_t end = bytes_.size() - kEndBytes;
  const size_t last = end > 0xFFFF ? end - 0xFFFF : 0;
  while (number<uint32_t>(bytes_, end) != kEnd ||
         end + kEndBytes + number<uint16_t>(bytes_, end + 20) != bytes_.size()) {
    if (end-- == last) return invalid("not a ZIP archive: there is no end record");
  }
  if (number<uint16_t>(bytes_, end + 4) != 0 && number<uint16_t>(bytes_, end + 4) != 0xFFFF) {
    return invalid("ZIP archives of several parts are not supported");
  }
  uint64_t count = number<uint16_t>(bytes_, end + 10), size = number<uint32_t>(bytes_, end + 12);
  uint64_t at = number<uint32_t>(bytes_, end + 16);
  if ((count == 0xFFFF || size == kIn64Bits || at == kIn64Bits) && end >= kLocatorBytes &&
      number<uint32_t>(bytes_, end - kLocatorBytes) == kEnd64Locator) {
    const uint64_t end64 = number<uint64_t>(bytes_, end - kLocatorBytes + 8);
    if (!fits(bytes_, end64, kEnd64Bytes) || number<uint32_t>(bytes_, end64) != kEnd64) {
      return invalid(absl::StrCat("ZIP64 end record at ", end64, " is not there"));
    }
    count = number<uint64_t>(bytes_, end64 + 32);
    size = number<uint64_t>(bytes_, end64 + 40);
    at = number<uint64_t>(bytes_, end64 + 48);
  }
  return read_entries(at, size, count);
}

absl::Status ZipReader::read_entries(uint64_t at, uint64_t size, uint64_t count) {
  if (!fits(bytes_, at, size)) {
    return invalid(absl::StrCat("ZIP directory of ", size, " bytes at ", at,
                                " is not in the archive, which has ", bytes_.size(), " bytes"));
  }
  std::string_view directory = bytes_.substr(at, size);
  for (uint64_t i = 0; i < count; ++i) {
    if (directory.size() < kEntryBytes || number<uint32_t>(directory, 0) != kDirectoryEntry) {
      return invalid(absl::StrCat("ZIP directory entry ", i, " of ", count, " is not there"));
    }
    const size_t name = number<uint16_t>(directory, 28), extra = number<uint16_t>(directory, 30);
    const size_t comment = number<uint16_t>(directory, 32);
    if (directory.size() - kEntryBytes < name + extra + comment) {
      return invalid(absl::StrCat("ZIP directory entry ", i, " is cut off"));
    }
    Entry entry = {.name = std::string(directory.substr(kEntryBytes, name)),
                   .method = number<uint16_t>(directory, 10),
                   .crc32 = number<uint32_t>(directory, 16),
                   .stored_size = number<uint32_t>(directory, 20),
                   .size = number<uint32_t>(directory, 24),
                   .offset = number<uint32_t>(directory, 42)};
    if (!read_zip64_field(directory.substr(kEntryBytes + name, extra), entry)) {
      return invalid(absl::StrCat("ZIP directory entry ", i, ": its ZIP64 field is not there"));
    }
    entries_.push_back(std::move(entry));
    directory.remove_prefix(kEntryBytes + name + extra + comment);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ZipReader::read(const Entry& entry, int64_t max_bytes) const {
  const std::string place = absl::StrCat(name_, ":", absl::CHexEscape(entry.name));
  const auto lost = [&](const auto&... what) {
    return absl::DataLossError(absl::StrCat(place, ": ", what...));
  };
  if (entry.size > static_cast<uint64_t>(max_bytes)) {
    return absl::ResourceExhaustedError(
        absl::StrCat(place, ": ", entry.size, " bytes, the limit is ", max_bytes));
  }
  if (!fits(bytes_, entry.offset, kLocalBytes) ||
      number<uint32_t>(bytes_, entry.offset) != kLocalHeader) {
    return absl::InvalidArgumentError(
        absl::StrCat(place, ": there is no file at ", entry.offset, " of the archive"));
  }
  if ((number<uint16_t>(bytes_, entry.offset + 6) & 1) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(place, ": it is encrypted"));
  }
  const uint64_t data = entry.offset + kLocalBytes + number<uint16_t>(bytes_, entry.offset + 26) +
                        number<uint16_t>(bytes_, entry.offset + 28);
  if (!fits(bytes_, data, entry.stored_size)) {
    return lost("its ", entry.stored_size, " bytes at ", data, " are not all in the archive");
  }
  const std::string_view stored = bytes_.substr(data, entry.stored_size);
  std::string content;
  if (entry.method == kStored) {
    content = stored;
  } else if (entry.method == kDeflated) {
    constexpr uint64_t kMaxExpansion = 1032;  // 258 bytes for 2 bits
    constexpr uint64_t kMostAtOnce = std::numeric_limits<uInt>::max();
    if (entry.size / kMaxExpansion > stored.size() || entry.size > kMostAtOnce ||
        stored.size() > kMostAtOnce) {
      return lost(stored.size(), " deflated bytes can not be ", entry.size);
    }
    content.resize(entry.size + 1);  // one more, to see data that goes on
    z_stream stream = {};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stored.data()));
    stream.avail_in = static_cast<uInt>(stored.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = static_cast<uInt>(content.size());
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
      return absl::ResourceExhaustedError(absl::StrCat(place, ": no memory for zlib"));
    }
    const int code = inflate(&stream, Z_FINISH);
    content.resize(stream.total_out);
    inflateEnd(&stream);
    if (code != Z_STREAM_END) return lost("damaged deflate data after ", content.size(), " bytes");
  } else {
    return absl::InvalidArgumentError(absl::StrCat(place, ": compression method ", entry.method,
                                                   ", expected 0 (stored) or 8 (deflated)"));
  }
  if (content.size() != entry.size) {
    return lost(content.size(), " bytes, the directory says ", entry.size);
  }
  const uint32_t crc = static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
  if (crc != entry.crc32) {
    return lost("its checksum is 0x", absl::Hex(crc, absl::kZeroPad8), ", the directory says 0x",
                absl::Hex(entry.crc32, absl::kZeroPad8));
  }
  return content;
}

}  // namespace tessera::data
