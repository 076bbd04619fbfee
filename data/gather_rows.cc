// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/gather_rows.h"

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {
namespace {

void check_indices(const Tensor& source, absl::Span<const int64_t> indices) {
  if (source.dim() == 0) {
    raise(absl::InvalidArgumentError("gather_rows: the tensor has rank 0, so it has no rows"));
  }
  const int64_t rows = source.size(0);
  for (int64_t index : indices) {
    if (index < 0 || index >= rows) [[unlikely]] {
      raise(absl::OutOfRangeError(
          absl::StrCat("gather_rows: index ", index, " is not in [0, ", rows, ")")));
    }
  }
}

// One call of a constant size where rows are short, because that is an instruction, not a call.
void copy_rows(const char* source, absl::Span<const int64_t> indices, int64_t row_bytes,
               char* target) {
  if (row_bytes == 8) {
    for (int64_t index : indices) {
      std::memcpy(target, source + index * 8, 8);
      target += 8;
    }
    return;
  }
  for (int64_t index : indices) {
    std::memcpy(target, source + index * row_bytes, static_cast<size_t>(row_bytes));
    target += row_bytes;
  }
}

}  // namespace

Tensor gather_rows(const Tensor& source, absl::Span<const int64_t> indices) {
  check_indices(source, indices);
  if (!source.device().is_host_visible()) {
    Tensor positions =
        value_or_raise(new_host_tensor(kInt64, {static_cast<int64_t>(indices.size())}));
    std::memcpy(positions.mutable_data<int64_t>(), indices.data(),
                indices.size() * sizeof(int64_t));
    return source.index_select(0, positions.to(source.device()));
  }
  const Tensor dense = source.contiguous();
  Shape shape = source.shape();
  shape[0] = static_cast<int64_t>(indices.size());
  Tensor result = value_or_raise(new_host_tensor(source.dtype(), shape, source.device()));
  if (result.numel() == 0) return result;
  const int64_t row_bytes = result.numel() / shape[0] * itemsize(source.dtype());
  copy_rows(host_bytes(dense), indices, row_bytes, mutable_host_bytes(result));
  return result;
}

}  // namespace tessera::data
