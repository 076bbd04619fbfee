// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/tar_reader.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

TEST(TarReader, FilesInTheirOrder) {
  const std::string path = new_test_folder() + "/f.tar";
  write_file(path, tar_member("folder/", "", '5') + tar_member("a", "first") +
                       tar_member("link", "", '2') + tar_member("b", std::string(1000, 'b')) +
                       tar_member("c", "", '\0', "a/long/way"));
  TarReader reader = *TarReader::open(path);
  EXPECT_EQ((*reader.next())->name, "a");
  EXPECT_EQ(*reader.read(100), "first");
  EXPECT_EQ((*reader.next())->size, 1000);
  EXPECT_EQ(reader.read(999).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ((*reader.next())->name, "a/long/way/c") << "what was not read is passed over";
  EXPECT_EQ(*reader.read(0), "");
  EXPECT_FALSE(reader.next()->has_value());
}

TEST(TarReader, SurvivesDamage) {
  const std::string path = new_test_folder() + "/f.tar";
  const std::string good = tar_member("a", "first") + tar_member("b", "second");
  const auto walk = [&](const std::string& bytes) {
    write_file(path, bytes);
    absl::StatusOr<TarReader> reader = TarReader::open(path);
    while (reader.ok()) {
      const auto entry = reader->next();
      if (!entry.ok()) return false;
      if (!entry->has_value()) return true;
      if (!reader->read(1 << 20).ok()) return false;
    }
    return false;
  };
  EXPECT_TRUE(walk(good));
  for (size_t length = 1; length < good.size(); ++length) {
    if (length == 1024) continue;  // ends after the first file
    EXPECT_FALSE(walk(good.substr(0, length))) << length;
  }
  CounterRandom random(1, RandomPurpose::kSplit, 5);
  for (size_t at = 0; at < 1024 && at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.below(8)));
    if (at < 148 ||
        (at >= 156 && at < 512)) {  // the checksum itself may be written in several ways
      EXPECT_FALSE(walk(damaged)) << at;
    } else {
      (void)walk(damaged);
    }
  }
}

// What next() and read() say of an archive.
absl::Status walk_status(const std::string& bytes) {
  const std::string path = new_test_folder() + "/f.tar";
  write_file(path, bytes);
  absl::StatusOr<TarReader> reader = TarReader::open(path);
  while (reader.ok()) {
    const auto entry = reader->next();
    if (!entry.ok()) return entry.status();
    if (!entry->has_value()) return absl::OkStatus();
    const absl::StatusOr<std::string> content = reader->read(int64_t{1} << 60);
    if (!content.ok()) return content.status();
  }
  return reader.status();
}

TEST(TarReader, CutOffSaysWhere) {
  const std::string good = tar_member("a", "first") + tar_member("b", std::string(600, 'b'));
  const auto ends_with = [&](const std::string& bytes, const std::string& end) {
    const absl::Status status = walk_status(bytes);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_TRUE(status.message().ends_with(end)) << status;
  };
  ends_with(good.substr(0, 1100), "f.tar: the tar archive is cut off after 1100 bytes");
  ends_with(good.substr(0, 1600), "f.tar: the tar archive is cut off after 1600 bytes, in b");
  const std::string no_padding = tar_member("b", std::string(1024, 'b'));
  ends_with(no_padding.substr(0, 700), "f.tar: the tar archive is cut off after 512 bytes, in b");
  ends_with(gzip(no_padding.substr(0, 700)),
            "f.tar: the tar archive is cut off after 700 bytes, in b");
  ends_with(gzip(good.substr(0, 1600)), "f.tar: the tar archive is cut off after 1600 bytes, in b");
}

TEST(TarReader, SizesThatCannotBeTakeNoMemory) {
  const auto with_size = [](std::string field) {
    std::string member = tar_member("a", "first");
    field.resize(12);
    member.replace(124, 12, field);
    seal_tar_header(member);
    return walk_status(member);
  };
  EXPECT_EQ(with_size(std::string("\x80\0\0\0\0\0\0\0\0\0\0\5", 12)).code(), absl::StatusCode::kOk)
      << "5 in binary";
  EXPECT_EQ(with_size(std::string("\x80\0\0\0\0\2\0\0\0\0\0\0", 12)).code(),
            absl::StatusCode::kDataLoss)
      << "2^49, cut off";
  const absl::StatusCode invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(with_size(std::string("\x80\0\0\0\0\4\0\0\0\0\0\1", 12)).code(), invalid) << "2^50 + 1";
  EXPECT_EQ(with_size(std::string("\x80\0\0\1\0\0\0\0\0\0\0\5", 12)).code(), invalid)
      << "2^64 + 5, in 64 bits 5";
  EXPECT_EQ(with_size("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").code(), invalid) << "-1";
  EXPECT_EQ(with_size("00000000009").code(), invalid) << "no octal digit";
}

}  // namespace
}  // namespace tessera::data
