// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/cifar10.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/tar_reader.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

// A member of a tar archive as `tar --format=ustar` writes it.
std::string tar_member(const std::string& name, const std::string& content, char type = '0',
                       const std::string& prefix = "") {
  std::string header(512, '\0');
  const auto put = [&](size_t at, const std::string& text) {
    header.replace(at, text.size(), text);
  };
  char size[16];
  std::snprintf(size, sizeof(size), "%011zo", content.size());
  put(0, name);
  put(100, "0000644");
  put(124, size);
  put(156, std::string(1, type));
  put(257, std::string("ustar\0"
                       "00",
                       8));
  put(345, prefix);
  put(148, "        ");
  int sum = 0;
  for (char c : header) sum += static_cast<uint8_t>(c);
  char checksum[16];
  std::snprintf(checksum, sizeof(checksum), "%06o", sum);
  put(148, std::string(checksum) + std::string("\0 ", 2));
  std::string member = header + content;
  member.resize((member.size() + 511) / 512 * 512);
  return member;
}

// `count` records, whose labels and pixels differ.
std::string batch(int count, int first_label) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes += static_cast<char>((first_label + i) % 10);
    for (int p = 0; p < 3072; ++p) bytes += static_cast<char>(p / 1024 * 80 + p % 32 + i);
  }
  return bytes;
}

std::string archive() {
  std::string bytes = tar_member("cifar-10-batches-bin/", "", '5');
  for (int i = 5; i >= 1; --i) {
    bytes += tar_member(absl::StrCat("cifar-10-batches-bin/data_batch_", i, ".bin"), batch(2, i));
  }
  bytes += tar_member("cifar-10-batches-bin/readme.html", "<html>");
  bytes += tar_member("cifar-10-batches-bin/test_batch.bin", batch(3, 7));
  return bytes + std::string(1024, '\0');
}

void expect_is_whole(const std::string& folder) {
  const absl::StatusOr<Cifar10> train = Cifar10::open(folder);
  ASSERT_TRUE(train.ok()) << train.status();
  EXPECT_EQ(train->size(), 10);
  EXPECT_EQ(train->images().shape(), (Shape{10, 32, 32, 3}));
  EXPECT_EQ(train->targets().to_vector<int>(), (std::vector<int>{1, 2, 2, 3, 3, 4, 4, 5, 5, 6}));
  // Image 1, row 2, column 3: red, green, blue.
  EXPECT_EQ(train->images()[1][2][3].to_vector<int>(), (std::vector<int>{4, 84, 164}));
  const absl::StatusOr<Cifar10> test = Cifar10::open(folder, {.train = false});
  ASSERT_TRUE(test.ok()) << test.status();
  EXPECT_EQ(test->targets().to_vector<int>(), (std::vector<int>{7, 8, 9}));
}

TEST(Cifar10, IsReadFromItsArchiveAndFromItsFiles) {
  const std::string folder = new_test_folder();
  write_file(folder + "/cifar-10-binary.tar.gz", gzip(archive()));
  expect_is_whole(folder);
  const std::string unpacked = new_test_folder(), inner = unpacked + "/cifar-10-batches-bin";
  ASSERT_EQ(mkdir(inner.c_str(), 0755), 0);
  for (int i = 1; i <= 5; ++i) {
    write_file(absl::StrCat(inner, "/data_batch_", i, ".bin"), batch(2, i));
  }
  write_file(inner + "/test_batch.bin", batch(3, 7));
  expect_is_whole(unpacked);
  expect_is_whole(inner);
  EXPECT_EQ(Cifar10::classes()[3], "cat");
}

TEST(Cifar10, WhatIsWrongIsSaid) {
  const std::string folder = new_test_folder(), file = folder + "/test_batch.bin";
  const auto message = [&] {
    return std::string(Cifar10::open(folder, {.train = false}).status().message());
  };
  EXPECT_EQ(message(), "CIFAR-10: neither " + file + " nor " + folder +
                           "/cifar-10-batches-bin/test_batch.bin nor " + folder +
                           "/cifar-10-binary.tar.gz is there");
  write_file(folder + "/cifar-10-binary.tar.gz", gzip(tar_member("a/other.bin", "x")));
  EXPECT_EQ(message(),
            folder + "/cifar-10-binary.tar.gz: there is no test_batch.bin in the archive");
  write_file(file, batch(1, 0) + "x");
  EXPECT_EQ(message(), file + ": 3074 bytes, expected a multiple of 3073, an image's");
  std::string wrong = batch(2, 0);
  wrong[3073] = 10;
  write_file(file, wrong);
  EXPECT_EQ(message(), file + ": label 1 is 10, expected 0 to 9");
  write_file(file, "");
  EXPECT_EQ(Cifar10::open(folder, {.train = false})->size(), 0);
}

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

}  // namespace
}  // namespace tessera::data
