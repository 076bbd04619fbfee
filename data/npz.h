// SPDX-License-Identifier: Apache-2.0
//
// Reads and writes NPZ files, numpy's format of several arrays: a ZIP archive of NPY files.
//
//   absl::StatusOr<data::NpzArrays> arrays = data::read_npz("mnist.npz");
//   Tensor x = arrays->at("x_train");
//   absl::Status status = data::write_npz("out.npz", {{"x", x}, {"y", y}}, {.compressed = true});
#ifndef TESSERA_DATA_NPZ_H_
#define TESSERA_DATA_NPZ_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/data/npy.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// Arrays by name, which is that of their file without ".npy".
using NpzArrays = std::map<std::string, Tensor>;

// All arrays in the file, whose entries are stored or deflated; as read_npy() says. Files in the
// archive that are not named *.npy are left out.
//   errors: those of read_npy(); kInvalidArgument for an archive that cannot be, kDataLoss for
//           damaged data. options.max_bytes holds for the file, and for all arrays together.
absl::StatusOr<NpzArrays> read_npz(const std::string& path, const NpyOptions& options = {});

struct NpzWriteOptions {
  bool compressed = false;  // deflate the arrays, as numpy.savez_compressed does
};

// The file is replaced only when all is written. The same arrays give the same bytes.
//   errors: kInvalidArgument for bfloat16; kResourceExhausted for 4 GiB; those of the file system
absl::Status write_npz(const std::string& path, const NpzArrays& arrays,
                       const NpzWriteOptions& options = {});

}  // namespace tessera::data

#endif  // TESSERA_DATA_NPZ_H_
