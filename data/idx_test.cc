// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/idx.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

std::string big_endian(uint64_t bits, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(bits >> (8 * i));
  return text;
}

class Idx : public testing::Test {
 protected:
  absl::StatusOr<Tensor> read(const std::string& content, const IdxOptions& options = {}) {
    write_file(path_, content);
    return read_idx(path_, options);
  }
  // The status's message without the path at its beginning.
  std::string message(const std::string& content, const IdxOptions& options = {}) {
    const std::string text(read(content, options).status().message());
    return text.starts_with(path_ + ": ") ? text.substr(path_.size() + 2) : "no path in: " + text;
  }
  const std::string path_ = new_test_folder() + "/file.idx";
};

TEST_F(Idx, ReadsEveryElementType) {
  EXPECT_EQ(read(idx_file(IdxType::kUInt8, {2}, "\x01\xff"))->to_vector<int>(),
            (std::vector<int>{1, 255}));
  EXPECT_EQ(read(idx_file(IdxType::kInt8, {2}, "\x01\xff"))->to_vector<int>(),
            (std::vector<int>{1, -1}));
  EXPECT_EQ(read(idx_file(IdxType::kInt16, {2}, "\x01\x02\xff\xfe"))->to_vector<int>(),
            (std::vector<int>{0x0102, -2}));
  EXPECT_EQ(
      read(idx_file(IdxType::kInt32, {2}, big_endian(0x0102030480000000, 8)))->to_vector<int>(),
      (std::vector<int>{0x01020304, INT32_MIN}));
  const Tensor floats =
      read(idx_file(IdxType::kFloat32, {2}, big_endian(0x3fc00000c0000000, 8))).value();
  EXPECT_EQ(floats.dtype(), kFloat32);
  EXPECT_EQ(floats.to_vector<float>(), (std::vector<float>{1.5, -2}));
  const Tensor doubles =
      read(idx_file(IdxType::kFloat64, {1}, big_endian(0x3ff8000000000001, 8))).value();
  EXPECT_EQ(doubles.dtype(), kFloat64);
  EXPECT_EQ(doubles.item<double>(), 0x1.8000000000001p0);
}

TEST_F(Idx, ReadsEveryRankGzippedOrNot) {
  std::string elements;
  std::vector<uint32_t> sizes;
  Shape shape;
  for (int rank = 0; rank <= kIdxMaxRank; ++rank) {
    const int64_t count = shape.numel();
    while (static_cast<int64_t>(elements.size()) < count) {
      elements += static_cast<char>(elements.size() * 31);
    }
    const std::string file =
        idx_file(IdxType::kUInt8, sizes, elements.substr(0, static_cast<size_t>(count)));
    const Tensor plain = read(file).value(), zipped = read(gzip(file)).value();
    EXPECT_EQ(plain.shape(), shape);
    EXPECT_EQ(zipped.shape(), shape);
    EXPECT_EQ(plain.to_vector<int>(), zipped.to_vector<int>());
    EXPECT_EQ(plain.to_vector<int>().back(),
              static_cast<uint8_t>(elements[static_cast<size_t>(count) - 1]));
    sizes.push_back(rank % 2 == 0 ? 3 : 2);
    shape.push_back(sizes.back());
  }
}

TEST_F(Idx, ReadsArraysWithoutElements) {
  const absl::StatusOr<Tensor> empty = read(idx_file(IdxType::kFloat32, {0, 0xffffffff}, ""));
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->shape(), Shape({0, 0xffffffff}));
  EXPECT_EQ(message(idx_file(IdxType::kUInt8, {0}, "x")),
            "IDX sizes [0] need 0 bytes of elements, the file has more");
}

TEST_F(Idx, AFileOfAnotherLengthIsRefusedWithBothLengths) {
  EXPECT_EQ(message(idx_file(IdxType::kUInt8, {2, 3}, "12345")),
            "IDX sizes [2, 3] need 6 bytes of elements, the file has 5");
  EXPECT_EQ(message(gzip(idx_file(IdxType::kUInt8, {2, 3}, "12345"))),
            "IDX sizes [2, 3] need 6 bytes of elements, the file has 5");
  EXPECT_EQ(message(idx_file(IdxType::kUInt8, {2, 3}, "1234567")),
            "IDX sizes [2, 3] need 6 bytes of elements, the file has more");
  EXPECT_EQ(message(gzip(idx_file(IdxType::kUInt8, {2, 3}, "1234567"))),
            "IDX sizes [2, 3] need 6 bytes of elements, the file has more");
}

TEST_F(Idx, AHeaderThatEndsEarlyIsRefused) {
  const std::string file = idx_file(IdxType::kUInt8, {2, 3}, "");
  EXPECT_EQ(message(""), "IDX header: the file ends after 0 bytes, expected at least 4");
  EXPECT_EQ(message(file.substr(0, 3)),
            "IDX header: the file ends after 3 bytes, expected at least 4");
  EXPECT_EQ(message(file.substr(0, 9)),
            "IDX header: the file ends after 9 bytes, expected at least 12");
}

TEST_F(Idx, MemoryIsNotTakenOnAHeadersWord) {
  // 3.9 GB from a file of 16 bytes, and from one of some 40 bytes that is compressed.
  const std::string file = idx_file(IdxType::kUInt8, {3900000000u}, "abcdefgh");
  EXPECT_EQ(message(file),
            "IDX sizes [3900000000] need 3900000000 bytes of elements, the file has 8");
  const std::string text = message(gzip(file));
  EXPECT_NE(text.find("the file has at most "), std::string::npos) << text;
  const absl::Status status =
      read(idx_file(IdxType::kFloat64, {100}, std::string(800, 'x')), {.max_bytes = 799}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), path_ + ": IDX sizes [100] need 800 bytes, the limit is 799");
}

TEST_F(Idx, AMissingFileIsNotFound) {
  const absl::Status status = read_idx(path_ + ".no").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find(path_ + ".no"), std::string::npos);
}

// Files with damage at random: each gives an array of the size its header says, or an error that
// names the file. Under the sanitizers this is where a bad read shows.
TEST_F(Idx, DamagedFilesGiveAnArrayOrAnError) {
  const IdxType types[] = {IdxType::kUInt8, IdxType::kInt8,    IdxType::kInt16,
                           IdxType::kInt32, IdxType::kFloat32, IdxType::kFloat64};
  int read_well = 0, refused = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    CounterRandom random(2024, RandomPurpose::kSplit, static_cast<uint64_t>(trial));
    const IdxType type = types[random.below(6)];
    std::vector<uint32_t> sizes;
    int64_t bytes = idx_itemsize(type);
    for (int64_t rank = random.below(4); rank > 0; --rank) {
      sizes.push_back(static_cast<uint32_t>(random.below(6)));
      bytes *= sizes.back();
    }
    std::string elements;
    for (int64_t i = 0; i < bytes; ++i) elements += static_cast<char>(random.next());
    std::string file = idx_file(type, sizes, elements);
    const bool zipped = random.below(2) == 0;
    if (zipped) file = gzip(file);
    for (int64_t changes = random.below(4); changes > 0 && !file.empty(); --changes) {
      const size_t place = static_cast<size_t>(random.below(
          static_cast<int64_t>(random.below(2) == 0 && file.size() > 16 ? 16 : file.size())));
      switch (random.below(5)) {
        case 0:
          file[place] = static_cast<char>(random.next());
          break;
        case 1:
          file[place] = static_cast<char>(file[place] ^ (1 << random.below(8)));
          break;
        case 2:
          file.resize(place);
          break;
        case 3:
          file.insert(place, 1 + place % 3, static_cast<char>(random.next()));
          break;
        default:
          file.erase(place, 1 + place % 4);
          break;
      }
    }
    const absl::StatusOr<Tensor> array = read(file, {.max_bytes = 1 << 20});
    if (array.ok()) {
      ASSERT_EQ(static_cast<int64_t>(array->to_vector<double>().size()), array->numel());
      ++read_well;
    } else {
      ASSERT_TRUE(array.status().message().starts_with(path_ + ": ")) << array.status();
      ++refused;
    }
  }
  // Both happened often, so the test looked at both.
  EXPECT_GT(read_well, 500);
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace tessera::data
