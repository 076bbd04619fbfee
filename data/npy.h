// SPDX-License-Identifier: Apache-2.0
//
// Reads and writes NPY files, numpy's format of one array.
//
//   absl::StatusOr<Tensor> features = data::read_npy("features.npy");
//   absl::Status status = data::write_npy("predictions.npy", y);
#ifndef TESSERA_DATA_NPY_H_
#define TESSERA_DATA_NPY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct NpyOptions {
  int64_t max_bytes = int64_t{4} << 30;  // of the file; more is refused
};

// The array in the file, in host memory.
//   shape:  as in the file; an array in Fortran order is put into row-major order
//   dtype:  bool, uint8, int32, int64, float16, float32, float64, of either byte order; int8, int16
//           and uint16 become int32, uint32 and uint64 int64
//   errors: kNotFound and others if the file cannot be read; kInvalidArgument for a header that
//           cannot be, elements that are missing or too many, a uint64 beyond int64;
//           kResourceExhausted above max_bytes. The message has the path, the field, what is there
//           and what was expected.
// The file may be hostile.
absl::StatusOr<Tensor> read_npy(const std::string& path, const NpyOptions& options = {});
// The same for the bytes of a file. `name` stands for the path in messages.
absl::StatusOr<Tensor> parse_npy(std::string_view name, std::string_view bytes);

// Writes version 1.0, row-major, little endian. The file is replaced only when all is written.
//   errors: kInvalidArgument for bfloat16; those of the file system
absl::Status write_npy(const std::string& path, const Tensor& tensor);
// The bytes of such a file.
absl::StatusOr<std::string> npy_bytes(const Tensor& tensor);

}  // namespace tessera::data

#endif  // TESSERA_DATA_NPY_H_
