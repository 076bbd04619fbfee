// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/idx_header.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace tessera::data {
namespace {

constexpr uint8_t kTypes[] = {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E};

bool is_type(int value) {
  for (uint8_t type : kTypes) {
    if (value == type) return true;
  }
  return false;
}

TEST(IdxMagic, AllWordsWithZerosInFront) {
  for (int type = 0; type < 256; ++type) {
    for (int rank = 0; rank < 256; ++rank) {
      const uint8_t bytes[4] = {0, 0, static_cast<uint8_t>(type), static_cast<uint8_t>(rank)};
      const absl::StatusOr<int> parsed = parse_idx_magic("f", bytes);
      ASSERT_EQ(parsed.ok(), is_type(type) && rank <= kIdxMaxRank) << type << " " << rank;
      if (parsed.ok()) {
        ASSERT_EQ(*parsed, rank);
      }
    }
  }
}

TEST(IdxMagic, MessagesNameFileFieldAndBothValues) {
  const uint8_t text[4] = {'P', 'K', 3, 4}, second[4] = {0, 1, 8, 3};
  const uint8_t type[4] = {0, 0, 0x0A, 3}, rank[4] = {0, 0, 8, 9};
  EXPECT_EQ(parse_idx_magic("a.idx", text).status().message(),
            "a.idx: not an IDX file: it begins with 0x504b0304, expected two zero bytes, a type "
            "and a rank");
  EXPECT_FALSE(parse_idx_magic("a.idx", second).ok());
  EXPECT_EQ(parse_idx_magic("a.idx", type).status().message(),
            "a.idx: IDX element type is 0x0a, expected one of 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e");
  EXPECT_EQ(parse_idx_magic("a.idx", rank).status().message(),
            "a.idx: IDX rank is 9, at most 8 is supported");
}

std::vector<uint8_t> header_bytes(uint8_t type, const std::vector<uint32_t>& sizes) {
  std::vector<uint8_t> bytes = {0, 0, type, static_cast<uint8_t>(sizes.size())};
  for (uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<uint8_t>(size >> shift));
  }
  return bytes;
}

TEST(IdxHeader, SizesAreBigEndianAndUnsigned) {
  const IdxHeader header =
      parse_idx_header("f", header_bytes(0x0E, {0x01020304, 2, 3}).data()).value();
  EXPECT_EQ(header.type, IdxType::kFloat64);
  EXPECT_EQ(header.shape, Shape({0x01020304, 2, 3}));
  EXPECT_EQ(header.data_bytes, int64_t{0x01020304} * 6 * 8);
  EXPECT_EQ(parse_idx_header("f", header_bytes(8, {0xffffffff}).data())->data_bytes, 0xffffffff);
}

TEST(IdxHeader, NoSizesIsOneElement) {
  const IdxHeader header = parse_idx_header("f", header_bytes(0x0D, {}).data()).value();
  EXPECT_EQ(header.shape.rank(), 0);
  EXPECT_EQ(header.data_bytes, 4);
}

TEST(IdxHeader, SizesThatOverflowAreRefused) {
  const absl::Status status =
      parse_idx_header("f", header_bytes(8, {0xffffffff, 0xffffffff}).data()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "f: IDX sizes [4294967295, 4294967295] are more bytes than 64 bits can count");
  // Only together with the element size.
  EXPECT_TRUE(parse_idx_header("f", header_bytes(8, {1u << 31, 1u << 30, 2}).data()).ok());
  EXPECT_FALSE(parse_idx_header("f", header_bytes(8, {1u << 31, 1u << 30, 4}).data()).ok());
  EXPECT_FALSE(parse_idx_header("f", header_bytes(0x0B, {1u << 31, 1u << 30, 2}).data()).ok());
}

TEST(IdxHeader, ASizeOfZeroIsNoElementsWhateverTheOthers) {
  for (int place = 0; place < 4; ++place) {
    std::vector<uint32_t> sizes(4, 0xffffffff);
    sizes[static_cast<size_t>(place)] = 0;
    const absl::StatusOr<IdxHeader> header = parse_idx_header("f", header_bytes(8, sizes).data());
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->data_bytes, 0);
  }
}

}  // namespace
}  // namespace tessera::data
