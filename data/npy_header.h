// SPDX-License-Identifier: Apache-2.0
//
// The header of an NPY file: the bytes "\x93NUMPY", a version, the length of a Python dictionary
// and that dictionary, as text: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
//
//   source: numpy.lib.format, versions 1.0, 2.0 and 3.0
#ifndef TESSERA_DATA_NPY_HEADER_H_
#define TESSERA_DATA_NPY_HEADER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tessera/tensor/dtype.h"
#include "tessera/tensor/shape.h"

namespace tessera::data {

// How an element is stored.
struct NpyType {
  char kind = 'f';  // numpy's: b bool, i, u integer, f real
  int bytes = 4;
  bool big_endian = false;
};

// What an element is read as: int8, int16 and uint16 become int32, uint32 and uint64 int64.
DType npy_dtype(const NpyType& type);

struct NpyHeader {
  NpyType type;
  bool fortran_order = false;  // the first index moves fastest
  Shape shape;
  int64_t header_bytes = 0;  // before the elements
  int64_t data_bytes = 0;    // of the elements
};

// The header that `bytes`, the whole file, begins with. Messages begin with `name`.
//   errors: kInvalidArgument: another format or version, a header that is cut off or is no such
//           dictionary, an element type that tensors can not hold (complex numbers, text, objects),
//           a size that is negative, or sizes whose product is more than int64_t holds
absl::StatusOr<NpyHeader> parse_npy_header(std::string_view name, std::string_view bytes);

// The header of a dense, row-major file of version 1.0, padded to 64 bytes.
//   errors: kInvalidArgument for bfloat16, which the format does not have
absl::StatusOr<std::string> npy_header(DType dtype, const Shape& shape);

}  // namespace tessera::data

#endif  // TESSERA_DATA_NPY_HEADER_H_
