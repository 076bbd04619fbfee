// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/cifar10.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

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

}  // namespace
}  // namespace tessera::data
