// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/tensor_dataset.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/gather_rows.h"

namespace tessera::data {

TensorDataset::TensorDataset(const Tensor& x, const Tensor& y)
    : x_(x.contiguous()), y_(y.contiguous()) {
  if (x.dim() == 0 || y.dim() == 0 || x.size(0) != y.size(0)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("TensorDataset: x and y need the same number of rows: x ",
                     x.shape().to_string(), ", y ", y.shape().to_string())));
  }
}

Example TensorDataset::get(int64_t index) const {
  if (index < 0 || index >= size()) {
    raise(absl::OutOfRangeError(
        absl::StrCat("TensorDataset: index ", index, " is not in [0, ", size(), ")")));
  }
  return {x_[index], y_[index]};
}

Example TensorDataset::get_batch(absl::Span<const int64_t> indices) const {
  return {gather_rows(x_, indices), gather_rows(y_, indices)};
}

}  // namespace tessera::data
