// SPDX-License-Identifier: Apache-2.0
//
// A batch out of a tensor that holds all samples.
#ifndef TESSERA_DATA_GATHER_ROWS_H_
#define TESSERA_DATA_GATHER_ROWS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// A new tensor whose row i is row indices[i] of `source`, on the device of `source`. On the host it
// is one copy of memory per row.
//   shape:  source (N, ...); result (indices.size(), ...)
//   dtype:  any
//   errors: kInvalidArgument if `source` has rank 0; kOutOfRange for an index outside [0, N)
// Not differentiable. Thread-safe.
Tensor gather_rows(const Tensor& source, absl::Span<const int64_t> indices);

}  // namespace tessera::data

#endif  // TESSERA_DATA_GATHER_ROWS_H_
