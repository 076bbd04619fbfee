// SPDX-License-Identifier: Apache-2.0
//
// Archives that say what is not so. npy_test.cc reads those that numpy wrote, and damaged ones.
#include "tessera/data/zip_reader.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/zip_writer.h"

namespace tessera::data {
namespace {

constexpr size_t kEntryBytes = 46, kEndBytes = 22;

// One file "a", and where its directory entry begins.
struct Archive {
  std::string bytes;
  size_t entry = 0;

  explicit Archive(const std::string& content, bool deflated = false) {
    ZipWriter writer;
    EXPECT_TRUE(writer.add("a", content, deflated).ok());
    bytes = writer.finish();
    entry = bytes.size() - kEndBytes - kEntryBytes - 1;
  }
  size_t end() const { return bytes.size() - kEndBytes; }
  // Writes a number of `size` bytes.
  void put(size_t at, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
  }
  // Puts an extra field behind the entry's name.
  void add_extra(const std::string& extra) {
    bytes.insert(end(), extra);
    put(entry + 30, extra.size(), 2);
    put(end() + 12, kEntryBytes + 1 + extra.size(), 4);
  }
  absl::StatusOr<std::string> read(int64_t max_bytes = 1 << 20) const {
    const absl::StatusOr<ZipReader> reader = ZipReader::open("f.zip", bytes);
    if (!reader.ok()) return reader.status();
    return reader->read(reader->entries().at(0), max_bytes);
  }
  std::string message() const { return std::string(read().status().message()); }
};

std::string number(uint64_t value, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

TEST(ZipReader, AFileAndAComment) {
  Archive archive("content");
  EXPECT_EQ(*archive.read(), "content");
  EXPECT_EQ(archive.read(6).status().code(), absl::StatusCode::kResourceExhausted);
  const std::string comment(0xFFFF, 'c');
  archive.put(archive.end() + 20, comment.size(), 2);
  archive.bytes += comment;
  EXPECT_EQ(*archive.read(), "content");
  archive.bytes += 'c';
  EXPECT_EQ(archive.message(), "f.zip: not a ZIP archive: there is no end record");
}

TEST(ZipReader, SizesThatAreNotSo) {
  Archive stored("content");
  stored.put(stored.entry + 24, 6, 4);
  EXPECT_EQ(stored.message(), "f.zip:a: 7 bytes, the directory says 6");
  Archive cut("content");
  cut.put(cut.entry + 20, 5000, 4);
  EXPECT_EQ(cut.message().substr(0, 24), "f.zip:a: its 5000 bytes ");
  Archive longer(std::string(4000, 'x'), true);
  longer.put(longer.entry + 24, 3999, 4);
  EXPECT_EQ(longer.message(), "f.zip:a: 4000 bytes, the directory says 3999");
  Archive huge(std::string(4000, 'x'), true);
  huge.put(huge.entry + 24, 0x7FFFFFFF, 4);
  EXPECT_TRUE(absl::IsDataLoss(huge.read(int64_t{1} << 40).status()));
  EXPECT_NE(std::string(huge.read(int64_t{1} << 40).status().message()).find("can not be"),
            std::string::npos);
}

TEST(ZipReader, PlacesThatWrapAround) {
  Archive archive("content");
  archive.put(archive.entry + 42, 0xFFFFFFFF, 4);
  archive.add_extra(number(1, 2) + number(8, 2) + number(~uint64_t{0} - 10, 8));
  EXPECT_EQ(archive.message(), "f.zip:a: there is no file at 18446744073709551605 of the archive");
}

TEST(ZipReader, ADirectoryThatWrapsAround) {
  const auto with_directory = [](uint64_t at, uint64_t size, uint64_t count) {
    const Archive archive("content");
    const size_t end64 = archive.end();
    std::string bytes = archive.bytes.substr(0, end64);
    bytes += number(0x06064b50, 4) + std::string(28, '\0') + number(count, 8) + number(size, 8) +
             number(at, 8);
    bytes += number(0x07064b50, 4) + number(0, 4) + number(end64, 8) + number(1, 4);
    bytes += number(0x06054b50, 4) + number(0, 4) + number(0xFFFF, 2) + number(0xFFFF, 2) +
             number(0xFFFFFFFF, 4) + number(0xFFFFFFFF, 4) + number(0, 2);
    return ZipReader::open("f.zip", bytes).status();
  };
  const Archive archive("content");
  EXPECT_TRUE(with_directory(archive.entry, kEntryBytes + 1, 1).ok());
  EXPECT_EQ(with_directory(~uint64_t{0} - 9, 20, 1).message(),
            "f.zip: ZIP directory of 20 bytes at 18446744073709551606 is not in the archive, which "
            "has 183 bytes");
  EXPECT_FALSE(with_directory(archive.entry, kEntryBytes + 1, ~uint64_t{0}).ok());
}

TEST(ZipReader, TheZip64FieldIsFoundAmongOthers) {
  const std::string other = number(0x5455, 2) + number(12, 2) + std::string(12, 't');
  const auto with = [](const std::string& extra) {
    Archive archive("content");
    archive.put(archive.entry + 24, 0xFFFFFFFF, 4);
    archive.add_extra(extra);
    return archive;
  };
  EXPECT_EQ(*with(other + number(1, 2) + number(8, 2) + number(7, 8)).read(), "content");
  const std::string not_there = "f.zip: ZIP directory entry 0: its ZIP64 field is not there";
  EXPECT_EQ(with(other).message(), not_there);
  EXPECT_EQ(with(number(1, 2) + number(4, 2) + number(7, 4)).message(), not_there);
  EXPECT_EQ(with(number(1, 2) + number(9, 2) + number(7, 8)).message(), not_there);
}

TEST(ZipReader, EncryptedFilesAndOtherMethods) {
  Archive encrypted("content");
  encrypted.put(6, 1 << 11 | 1, 2);
  EXPECT_EQ(encrypted.message(), "f.zip:a: it is encrypted");
  Archive method("content");
  method.put(method.entry + 10, 12, 2);
  EXPECT_EQ(method.message(),
            "f.zip:a: compression method 12, expected 0 (stored) or 8 (deflated)");
  Archive parts("content");
  parts.put(parts.end() + 4, 1, 2);
  EXPECT_EQ(parts.message(), "f.zip: ZIP archives of several parts are not supported");
}

}  // namespace
}  // namespace tessera::data
