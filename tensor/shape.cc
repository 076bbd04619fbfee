// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/shape.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tessera {

std::string to_string(absl::Span<const int64_t> list) {
  return absl::StrCat("[", absl::StrJoin(list, ", "), "]");
}

std::string Shape::to_string() const { return tessera::to_string(sizes_); }

Strides contiguous_strides(const Shape& shape) {
  Strides strides(shape.size());
  int64_t step = 1;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    strides[d] = step;
    step *= std::max<int64_t>(shape[d], 1);
  }
  return strides;
}

bool is_contiguous(const Shape& shape, const Strides& strides) {
  int64_t step = 1;
  bool dense = true;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    if (shape[d] == 0) return true;
    if (shape[d] == 1) continue;
    if (strides[d] != step) dense = false;
    step *= shape[d];
  }
  return dense;
}

absl::StatusOr<Shape> broadcast_shapes(const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()), 1);
  for (int d = 1; d <= out.rank(); ++d) {
    int64_t x = d <= a.rank() ? a[-d] : 1;
    int64_t y = d <= b.rank() ? b[-d] : 1;
    if (x != y && x != 1 && y != 1) {
      return absl::InvalidArgumentError(absl::StrCat("shapes ", a.to_string(), " and ",
                                                     b.to_string(), " do not broadcast: ", x,
                                                     " against ", y, " at dimension -", d));
    }
    out[-d] = x == 1 ? y : x;
  }
  return out;
}

absl::StatusOr<int> normalize_dim(int64_t dim, int rank) {
  int64_t range = std::max(rank, 1);
  if (dim < -range || dim >= range) {
    return absl::OutOfRangeError(absl::StrCat("dimension ", dim, " is out of range [", -range, ", ",
                                              range - 1, "] for rank ", rank));
  }
  return static_cast<int>(dim < 0 ? dim + range : dim);
}

}  // namespace tessera
