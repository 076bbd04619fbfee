// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/idx_header.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tessera::data {
namespace {

uint32_t big_endian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

std::string hex(uint32_t value, absl::PadSpec digits) {
  return absl::StrCat("0x", absl::Hex(value, digits));
}

}  // namespace

int64_t idx_itemsize(IdxType type) {
  switch (type) {
    case IdxType::kUInt8:
    case IdxType::kInt8:
      return 1;
    case IdxType::kInt16:
      return 2;
    case IdxType::kInt32:
    case IdxType::kFloat32:
      return 4;
    case IdxType::kFloat64:
      return 8;
  }
  return 0;  // not an IDX type
}

DType idx_dtype(IdxType type) {
  switch (type) {
    case IdxType::kUInt8:
      return kUInt8;
    case IdxType::kFloat32:
      return kFloat32;
    case IdxType::kFloat64:
      return kFloat64;
    case IdxType::kInt8:
    case IdxType::kInt16:
    case IdxType::kInt32:
      break;
  }
  return kInt32;
}

absl::StatusOr<int> parse_idx_magic(std::string_view name, const uint8_t* bytes) {
  if (bytes[0] != 0 || bytes[1] != 0) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": not an IDX file: it begins with ",
                                                   hex(big_endian(bytes), absl::kZeroPad8),
                                                   ", expected two zero bytes, a type and a rank"));
  }
  if (idx_itemsize(static_cast<IdxType>(bytes[2])) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": IDX element type is ", hex(bytes[2], absl::kZeroPad2),
                     ", expected one of 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e"));
  }
  if (bytes[3] > kIdxMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": IDX rank is ", bytes[3], ", at most ", kIdxMaxRank, " is supported"));
  }
  return bytes[3];
}

absl::StatusOr<IdxHeader> parse_idx_header(std::string_view name, const uint8_t* bytes) {
  IdxHeader header;
  header.type = static_cast<IdxType>(bytes[2]);
  header.data_bytes = idx_itemsize(header.type);
  bool has_zero = false, overflows = false;
  for (int dim = 0; dim < bytes[3]; ++dim) {
    const int64_t size = big_endian(bytes + kIdxMagicBytes + 4 * dim);
    header.shape.push_back(size);
    has_zero = has_zero || size == 0;
    overflows = overflows || __builtin_mul_overflow(header.data_bytes, size, &header.data_bytes);
  }
  if (has_zero) {
    header.data_bytes = 0;
  } else if (overflows) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": IDX sizes ", header.shape.to_string(),
                                                   " are more bytes than 64 bits can count"));
  }
  return header;
}

}  // namespace tessera::data
