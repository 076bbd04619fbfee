// SPDX-License-Identifier: Apache-2.0
//
// Reads IDX files, the format of MNIST, gzipped or not.
//
//   absl::StatusOr<Tensor> images = data::read_idx("train-images-idx3-ubyte.gz");
#ifndef TESSERA_DATA_IDX_H_
#define TESSERA_DATA_IDX_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct IdxOptions {
  int64_t max_bytes = int64_t{4} << 30;  // of elements; a header that asks for more is refused
};

// The array in the file, in host memory.
//   shape:  as the header says; rank at most 8
//   dtype:  uint8, int32, float32 or float64; int8 and int16 become int32
//   errors: kNotFound and others if the file cannot be read; kInvalidArgument for a header that
//           cannot be, elements that are missing or too many; kDataLoss for damaged gzip data;
//           kResourceExhausted above max_bytes. The message has the path, the field, what is there
//           and what was expected.
// The header is checked against the file's size before memory is taken. The file may be hostile.
absl::StatusOr<Tensor> read_idx(const std::string& path, const IdxOptions& options = {});

}  // namespace tessera::data

#endif  // TESSERA_DATA_IDX_H_
