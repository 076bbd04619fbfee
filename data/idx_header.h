// SPDX-License-Identifier: Apache-2.0
//
// The header of an IDX file, the format of MNIST: 0, 0, a byte for the element type, a byte for the
// rank, then the sizes as 32-bit integers, most significant byte first. The elements follow, most
// significant byte first, row-major.
#ifndef TESSERA_DATA_IDX_HEADER_H_
#define TESSERA_DATA_IDX_HEADER_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "tessera/tensor/dtype.h"
#include "tessera/tensor/shape.h"

namespace tessera::data {

// The values are those of the file.
enum class IdxType : uint8_t {
  kUInt8 = 0x08,
  kInt8 = 0x09,
  kInt16 = 0x0B,
  kInt32 = 0x0C,
  kFloat32 = 0x0D,
  kFloat64 = 0x0E,
};

int64_t idx_itemsize(IdxType type);  // bytes
// The dtype that elements are read as: int8 and int16, which tensors do not have, become int32.
DType idx_dtype(IdxType type);

struct IdxHeader {
  IdxType type = IdxType::kUInt8;
  Shape shape;
  int64_t data_bytes = 0;  // of the elements, as they are in the file
};

inline constexpr int kIdxMagicBytes = 4;
inline constexpr int kIdxMaxRank = 8;

// The rank, from the first kIdxMagicBytes bytes.
//   errors: kInvalidArgument with the field, its value and what it may be. Messages begin with
//           `name`.
absl::StatusOr<int> parse_idx_magic(std::string_view name, const uint8_t* bytes);

// The header, from its kIdxMagicBytes + 4 * rank bytes; `bytes` have passed parse_idx_magic().
//   errors: kInvalidArgument if the sizes' product is more than int64_t holds
absl::StatusOr<IdxHeader> parse_idx_header(std::string_view name, const uint8_t* bytes);

}  // namespace tessera::data

#endif  // TESSERA_DATA_IDX_HEADER_H_
