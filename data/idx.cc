// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/idx.h"

#include <bit>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/gzip_file.h"
#include "tessera/data/host_tensor.h"
#include "tessera/data/idx_header.h"

namespace tessera::data {
namespace {

absl::Status read_header_part(GzipFile& file, uint8_t* target, int from, int to) {
  absl::StatusOr<int64_t> got = file.read(target + from, to - from);
  if (!got.ok()) return got.status();
  if (*got == to - from) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(file.path(), ": IDX header: the file ends after ",
                                                 from + *got, " bytes, expected at least ", to));
}

absl::StatusOr<IdxHeader> read_header(GzipFile& file) {
  uint8_t bytes[kIdxMagicBytes + 4 * kIdxMaxRank];
  absl::Status status = read_header_part(file, bytes, 0, kIdxMagicBytes);
  if (!status.ok()) return status;
  absl::StatusOr<int> rank = parse_idx_magic(file.path(), bytes);
  if (!rank.ok()) return rank.status();
  status = read_header_part(file, bytes, kIdxMagicBytes, kIdxMagicBytes + 4 * *rank);
  if (!status.ok()) return status;
  return parse_idx_header(file.path(), bytes);
}

absl::Status wrong_length(const GzipFile& file, const IdxHeader& header, std::string_view found) {
  return absl::InvalidArgumentError(
      absl::StrCat(file.path(), ": IDX sizes ", header.shape.to_string(), " need ",
                   header.data_bytes, " bytes of elements, the file has ", found));
}

// What can be said before any memory is taken.
absl::Status check_size(const GzipFile& file, const IdxHeader& header, const IdxOptions& options) {
  if (header.data_bytes > options.max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(file.path(), ": IDX sizes ", header.shape.to_string(), " need ",
                     header.data_bytes, " bytes, the limit is ", options.max_bytes));
  }
  const int64_t header_bytes = kIdxMagicBytes + 4 * header.shape.rank();
  const int64_t available = file.max_content_size() - header_bytes;
  if (header.data_bytes > available) {
    return wrong_length(file, header,
                        absl::StrCat(file.is_compressed() ? "at most " : "", available));
  }
  return absl::OkStatus();
}

absl::Status read_exactly(GzipFile& file, const IdxHeader& header, char* target) {
  absl::StatusOr<int64_t> got = file.read(target, header.data_bytes);
  if (!got.ok()) return got.status();
  if (*got != header.data_bytes) return wrong_length(file, header, absl::StrCat(*got));
  // One byte more, which also makes zlib compare the checksum.
  char extra;
  got = file.read(&extra, 1);
  if (!got.ok()) return got.status();
  if (*got != 0) return wrong_length(file, header, "more");
  return absl::OkStatus();
}

// Elements as they are in the file (`Stored`, most significant byte first) to `Element`.
template <std::integral Stored, class Element>
void decode(const char* source, int64_t count, Element* target) {
  for (int64_t i = 0; i < count; ++i) {
    std::make_unsigned_t<Stored> bits = 0;
    for (size_t byte = 0; byte < sizeof(Stored); ++byte) {
      bits = static_cast<std::make_unsigned_t<Stored>>(
          bits << (sizeof(Stored) > 1 ? 8 : 0) |
          static_cast<uint8_t>(source[static_cast<size_t>(i) * sizeof(Stored) + byte]));
    }
    if constexpr (std::integral<Element>) {
      target[i] = static_cast<Stored>(bits);
    } else {
      target[i] = std::bit_cast<Element>(bits);
    }
  }
}

void decode_elements(IdxType type, const char* source, Tensor& target) {
  const int64_t count = target.numel();
  switch (type) {
    case IdxType::kUInt8:
      decode<uint8_t>(source, count, target.mutable_data<uint8_t>());
      break;
    case IdxType::kInt8:
      decode<int8_t>(source, count, target.mutable_data<int32_t>());
      break;
    case IdxType::kInt16:
      decode<int16_t>(source, count, target.mutable_data<int32_t>());
      break;
    case IdxType::kInt32:
      decode<int32_t>(source, count, target.mutable_data<int32_t>());
      break;
    case IdxType::kFloat32:
      decode<uint32_t>(source, count, target.mutable_data<float>());
      break;
    case IdxType::kFloat64:
      decode<uint64_t>(source, count, target.mutable_data<double>());
      break;
  }
}

}  // namespace

absl::StatusOr<Tensor> read_idx(const std::string& path, const IdxOptions& options) {
  absl::StatusOr<GzipFile> file = GzipFile::open(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<IdxHeader> header = read_header(*file);
  if (!header.ok()) return header.status();
  absl::Status status = check_size(*file, *header, options);
  if (!status.ok()) return status;

  absl::StatusOr<Tensor> result = new_host_tensor(idx_dtype(header->type), header->shape);
  if (!result.ok()) return result.status();
  if (header->type == IdxType::kUInt8) {  // bytes are read into place
    char unused;
    char* target = header->data_bytes > 0 ? mutable_host_bytes(*result) : &unused;
    status = read_exactly(*file, *header, target);
  } else {
    std::vector<char> stored(static_cast<size_t>(header->data_bytes));
    status = read_exactly(*file, *header, stored.data());
    if (status.ok() && !stored.empty()) decode_elements(header->type, stored.data(), *result);
  }
  if (!status.ok()) return status;
  return result;
}

}  // namespace tessera::data
