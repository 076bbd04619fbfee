// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/npy.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/data/host_tensor.h"
#include "tessera/data/npy_header.h"
#include "tessera/data/read_whole_file.h"
#include "tessera/data/write_whole_file.h"

namespace tessera::data {
namespace {

static_assert(std::endian::native == std::endian::little);

template <int kBytes>
using BitsOf = std::conditional_t<
    kBytes == 1, uint8_t,
    std::conditional_t<kBytes == 2, uint16_t, std::conditional_t<kBytes == 4, uint32_t, uint64_t>>>;

uint8_t swapped(uint8_t bits) { return bits; }
uint16_t swapped(uint16_t bits) { return __builtin_bswap16(bits); }
uint32_t swapped(uint32_t bits) { return __builtin_bswap32(bits); }
uint64_t swapped(uint64_t bits) { return __builtin_bswap64(bits); }

// Calls take(element) with each stored element as a `Stored`, in the order of the file.
template <class Stored, class F>
void for_each_element(std::string_view bytes, bool big_endian, F&& take) {
  using Bits = BitsOf<sizeof(Stored)>;
  for (size_t at = 0; at < bytes.size(); at += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + at, sizeof(bits));
    take(std::bit_cast<Stored>(big_endian ? swapped(bits) : bits));
  }
}

template <class Stored, class Element>
absl::Status decode(std::string_view name, std::string_view bytes, bool big_endian,
                    Tensor& target) {
  Element* element = target.mutable_data<Element>();
  uint64_t too_large = 0;
  for_each_element<Stored>(bytes, big_endian, [&](Stored value) {
    if constexpr (std::is_same_v<Stored, uint64_t>) {
      if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) too_large = value;
    }
    *element++ = static_cast<Element>(value);
  });
  if (too_large == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": NPY element ", too_large, " is more than int64 holds"));
}

absl::Status decode_bools(std::string_view bytes, Tensor& target) {
  bool* element = target.mutable_data<bool>();
  for (char byte : bytes) *element++ = byte != 0;
  return absl::OkStatus();
}

absl::Status decode_elements(std::string_view name, const NpyType& type, std::string_view bytes,
                             Tensor& target) {
  const bool big = type.big_endian;
  if (type.kind == 'b') return decode_bools(bytes, target);
  if (type.kind == 'f') {
    switch (type.bytes) {
      case 2:
        return decode<float16, float16>(name, bytes, big, target);
      case 4:
        return decode<float, float>(name, bytes, big, target);
      default:
        return decode<double, double>(name, bytes, big, target);
    }
  }
  const bool is_signed = type.kind == 'i';
  switch (type.bytes) {
    case 1:
      if (is_signed) return decode<int8_t, int32_t>(name, bytes, big, target);
      return decode<uint8_t, uint8_t>(name, bytes, big, target);
    case 2:
      if (is_signed) return decode<int16_t, int32_t>(name, bytes, big, target);
      return decode<uint16_t, int32_t>(name, bytes, big, target);
    case 4:
      if (is_signed) return decode<int32_t, int32_t>(name, bytes, big, target);
      return decode<uint32_t, int64_t>(name, bytes, big, target);
    default:
      if (is_signed) return decode<int64_t, int64_t>(name, bytes, big, target);
      return decode<uint64_t, int64_t>(name, bytes, big, target);
  }
}

// An array of the reversed shape, in row-major order, is the array in Fortran order.
Tensor from_fortran_order(const Tensor& reversed) {
  std::vector<int64_t> dims;
  for (int64_t dim = reversed.dim() - 1; dim >= 0; --dim) dims.push_back(dim);
  return reversed.permute(dims).contiguous();
}

}  // namespace

absl::StatusOr<Tensor> parse_npy(std::string_view name, std::string_view bytes) {
  absl::StatusOr<NpyHeader> header = parse_npy_header(name, bytes);
  if (!header.ok()) return header.status();
  const std::string_view elements = bytes.substr(static_cast<size_t>(header->header_bytes));
  if (static_cast<int64_t>(elements.size()) != header->data_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": NPY shape ", header->shape.to_string(), " needs ", header->data_bytes,
                     " bytes of elements, the file has ", elements.size()));
  }
  const bool transposed = header->fortran_order && header->shape.rank() > 1;
  Shape shape = header->shape;
  if (transposed) std::reverse(&shape[0], &shape[0] + shape.rank());
  absl::StatusOr<Tensor> tensor = new_host_tensor(npy_dtype(header->type), shape);
  if (!tensor.ok()) return tensor;
  if (!elements.empty()) {
    absl::Status status = decode_elements(name, header->type, elements, *tensor);
    if (!status.ok()) return status;
  }
  if (transposed) return from_fortran_order(*tensor);
  return tensor;
}

absl::StatusOr<Tensor> read_npy(const std::string& path, const NpyOptions& options) {
  absl::StatusOr<std::string> bytes = read_whole_file(path, options.max_bytes);
  if (!bytes.ok()) return bytes.status();
  return parse_npy(path, *bytes);
}

absl::StatusOr<std::string> npy_bytes(const Tensor& tensor) {
  absl::StatusOr<std::string> bytes = npy_header(tensor.dtype(), tensor.shape());
  if (!bytes.ok() || tensor.numel() == 0) return bytes;
  absl::StatusOr<Device> host = host_device();
  if (!host.ok()) return host.status();
  const Tensor dense = is_dense_on_host(tensor) ? tensor : tensor.to(*host).contiguous();
  bytes->append(host_bytes(dense), static_cast<size_t>(dense.numel() * itemsize(dense.dtype())));
  return bytes;
}

absl::Status write_npy(const std::string& path, const Tensor& tensor) {
  absl::StatusOr<std::string> bytes = npy_bytes(tensor);
  if (!bytes.ok()) return bytes.status();
  return write_whole_file(path, *bytes);
}

}  // namespace tessera::data
