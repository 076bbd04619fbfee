// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/tar_reader.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tessera::data {
namespace {

constexpr int64_t kBlock = 512;

std::string_view until_nul(std::string_view field) { return field.substr(0, field.find('\0')); }

// Octal digits between blanks or NULs; or, if the first bit is set, a number of 8 bytes at the end.
bool read_number(std::string_view field, int64_t& value) {
  uint64_t number = 0;
  if ((static_cast<uint8_t>(field[0]) & 0x80) != 0) {
    if (field[0] != '\x80') return false;  // negative or huge
    for (size_t i = 1; i < field.size(); ++i) {
      if (number >> 55 != 0) return false;
      number = number << 8 | static_cast<uint8_t>(field[i]);
    }
  } else {
    while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
    field = until_nul(field);
    while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
    for (char digit : field) {
      if (digit < '0' || digit > '7') return false;
      number = number << 3 | static_cast<uint64_t>(digit - '0');
    }
  }
  value = static_cast<int64_t>(number);
  return true;
}

// Of all bytes, those of the checksum itself counted as blanks.
int64_t checksum_of(std::string_view header) {
  int64_t sum = 0;
  for (size_t i = 0; i < header.size(); ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<uint8_t>(header[i]);
  }
  return sum;
}

}  // namespace

absl::StatusOr<TarReader> TarReader::open(const std::string& path) {
  absl::StatusOr<GzipFile> file = GzipFile::open(path);
  if (!file.ok()) return file.status();
  return TarReader(*std::move(file));
}

absl::Status TarReader::cut_off() const {
  return absl::DataLossError(
      absl::StrCat(file_.path(), ": the tar archive is cut off after ", offset_, " bytes",
                   name_.empty() ? "" : absl::StrCat(", in ", absl::CHexEscape(name_))));
}

absl::Status TarReader::skip(int64_t bytes) {
  char buffer[1 << 14];
  while (bytes > 0) {
    const int64_t wanted = std::min<int64_t>(bytes, sizeof(buffer));
    absl::StatusOr<int64_t> got = file_.read(buffer, wanted);
    if (!got.ok()) return got.status();
    offset_ += *got;
    if (*got < wanted) return cut_off();
    bytes -= wanted;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<TarReader::Entry>> TarReader::next() {
  while (true) {
    absl::Status status = skip(left_ + padding_);
    if (!status.ok()) return status;
    left_ = padding_ = 0;
    name_.clear();
    char block[kBlock];
    absl::StatusOr<int64_t> got = file_.read(block, kBlock);
    if (!got.ok()) return got.status();
    const std::string_view header(block, kBlock);
    // Two blocks of zeros end an archive; some leave them out.
    if (*got == 0 || (*got == kBlock && header.find_first_not_of('\0') == header.npos)) {
      return std::nullopt;
    }
    const int64_t at = offset_;
    offset_ += *got;
    if (*got < kBlock) return cut_off();
    int64_t checksum = 0, size = 0;
    if (!read_number(header.substr(148, 8), checksum) || checksum != checksum_of(header)) {
      return absl::InvalidArgumentError(absl::StrCat(
          file_.path(), ": no tar header at offset ", at, ": its checksum is ", checksum_of(header),
          ", it says '", absl::CHexEscape(header.substr(148, 8)), "'"));
    }
    constexpr int64_t kMost = int64_t{1} << 50;
    if (!read_number(header.substr(124, 12), size) || size > kMost) {
      return absl::InvalidArgumentError(
          absl::StrCat(file_.path(), ": tar header at offset ", at, ": the size is '",
                       absl::CHexEscape(header.substr(124, 12)), "'"));
    }
    name_ = until_nul(header.substr(0, 100));
    const std::string_view prefix = until_nul(header.substr(345, 155));
    if (header.substr(257, 5) == "ustar" && header[262] == '\0' && !prefix.empty()) {
      name_ = absl::StrCat(prefix, "/", name_);
    }
    left_ = size;
    padding_ = (kBlock - size % kBlock) % kBlock;
    const char type = header[156];
    if (type == '0' || type == '\0') return Entry{name_, size};
  }
}

absl::StatusOr<std::string> TarReader::read(int64_t max_bytes) {
  if (left_ > max_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(file_.path(), ": ", absl::CHexEscape(name_),
                                                     " has ", left_, " bytes, the limit is ",
                                                     max_bytes));
  }
  if (left_ > file_.max_content_size()) return cut_off();
  std::string content(static_cast<size_t>(left_), '\0');
  absl::StatusOr<int64_t> got = file_.read(content.data(), left_);
  if (!got.ok()) return got.status();
  offset_ += *got;
  if (*got < left_) return cut_off();
  left_ = 0;
  return content;
}

}  // namespace tessera::data
