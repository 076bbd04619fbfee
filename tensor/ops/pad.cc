// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/pad.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  raise_op_error("pad", absl::InvalidArgumentError(absl::StrCat(parts...)));
}

// The border element of dimension d, `count` times.
Tensor repeated(const Tensor& x, int d, int64_t index, int64_t count) {
  Shape shape = x.shape();
  shape[d] = count;
  return expand(narrow(x, d, index, 1), shape);
}

void check_sides(const Tensor& x, int d, int64_t before, int64_t after, PadMode mode) {
  const int64_t size = x.size(d), most = std::max(before, after);
  if (most <= 0) return;
  if (mode == PadMode::kReflect && most >= size) {
    refuse("reflected padding (", before, ", ", after, ") must be below the size ", size,
           " of dimension ", d, " of ", x.shape().to_string());
  }
  if (mode == PadMode::kCircular && most > size) {
    refuse("circular padding (", before, ", ", after, ") is above the size ", size,
           " of dimension ", d, " of ", x.shape().to_string());
  }
  if (mode == PadMode::kReplicate && size == 0) {
    refuse("dimension ", d, " of ", x.shape().to_string(), " has nothing to replicate");
  }
}

// before, after >= 0
Tensor extended(const Tensor& x, int d, int64_t before, int64_t after, PadMode mode) {
  check_sides(x, d, before, after, mode);
  const int64_t size = x.size(d);
  std::vector<Tensor> parts;
  if (before > 0) {
    parts.push_back(mode == PadMode::kReflect     ? flip(narrow(x, d, 1, before), {d})
                    : mode == PadMode::kReplicate ? repeated(x, d, 0, before)
                                                  : narrow(x, d, size - before, before));
  }
  parts.push_back(x);
  if (after > 0) {
    parts.push_back(mode == PadMode::kReflect     ? flip(narrow(x, d, size - 1 - after, after), {d})
                    : mode == PadMode::kReplicate ? repeated(x, d, size - 1, after)
                                                  : narrow(x, d, 0, after));
  }
  return parts.size() == 1 ? x : cat(parts, d);
}

}  // namespace

Tensor pad(const Tensor& x, Dims padding, PadMode mode, double value) {
  if (mode == PadMode::kConstant) return pad(x, padding, value);
  const int rank = x.shape().rank();
  if (padding.size() % 2 != 0 || static_cast<int>(padding.size()) / 2 > rank) {
    refuse("padding ", to_string(padding), " must hold a pair for each of at most ", rank,
           " dimensions");
  }
  Tensor y = x;
  for (size_t i = 0; i < padding.size(); i += 2) {
    const int d = rank - 1 - static_cast<int>(i) / 2;
    const int64_t before = padding[i], after = padding[i + 1];
    if (y.size(d) + std::min<int64_t>(0, before) + std::min<int64_t>(0, after) < 0) {
      refuse("padding (", before, ", ", after, ") cuts more than dimension ", d, " of ",
             x.shape().to_string(), " has");
    }
    auto cut = [&] {
      const int64_t first = std::max<int64_t>(0, -before), last = std::max<int64_t>(0, -after);
      if (first + last > 0) y = narrow(y, d, first, y.size(d) - first - last);
    };
    // Only the other end is seen as it is after the cut.
    if (mode == PadMode::kCircular) cut();
    y = extended(y, d, std::max<int64_t>(0, before), std::max<int64_t>(0, after), mode);
    if (mode != PadMode::kCircular) cut();
  }
  return y;
}

}  // namespace tessera
