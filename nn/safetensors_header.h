// SPDX-License-Identifier: Apache-2.0
//
// The JSON header of a safetensors file: read strictly, written canonically. Holds no tensors;
// files are read and written by nn/safetensors.h.
//
// A parser of our own, because the header is a two-level subset of JSON in which a general library
// accepts too much: it keeps the last of two equal keys, reads sizes as doubles, and nests.
#ifndef TESSERA_NN_SAFETENSORS_HEADER_H_
#define TESSERA_NN_SAFETENSORS_HEADER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tessera/tensor/dtype.h"
#include "tessera/tensor/shape.h"

namespace tessera::nn {

struct SafetensorsHeader {
  struct Entry {
    std::string name;
    DType dtype = kFloat32;
    Shape shape;
    uint64_t begin = 0, end = 0;  // bytes from the end of the header
  };
  std::vector<Entry> tensors;  // in the order of their bytes
  std::map<std::string, std::string> metadata;
};

// Reads the header of a file with `data_size` bytes after it, and checks all of it: the syntax,
// that no name comes twice, that sizes are those of shape and dtype, and that the tensors fill the
// data without gap or overlap.
//   errors: kDataLoss with the byte of the header or the tensor's name; kUnimplemented for a dtype
//           that the format has and Tessera has not
absl::StatusOr<SafetensorsHeader> parse_safetensors_header(std::string_view json,
                                                           uint64_t data_size);

// The header as JSON, padded with spaces to a multiple of 8 bytes. Names and metadata must be
// UTF-8.
//   errors: kInvalidArgument for text that is not UTF-8 and for the name "__metadata__"
absl::StatusOr<std::string> format_safetensors_header(const SafetensorsHeader& header);

}  // namespace tessera::nn

#endif  // TESSERA_NN_SAFETENSORS_HEADER_H_
