// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/pool_windows.h"

#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/window.h"

namespace tessera {

std::pair<PoolAxis, PoolAxis> max_axes(absl::Span<const int64_t> i, const Shape& x) {
  return {{x[2], i[0], i[2], i[4], i[6], i[8] != 0}, {x[3], i[1], i[3], i[5], i[7], i[8] != 0}};
}

absl::StatusOr<Shape> pooled(const InferContext& c, const Shape& x,
                             std::pair<PoolAxis, PoolAxis> axes) {
  for (const PoolAxis& axis : {axes.first, axes.second}) {
    if (axis.kernel < 1 || axis.stride < 1 || axis.dilation < 1) {
      return c.invalid("kernel ", axis.kernel, ", stride ", axis.stride, " and dilation ",
                       axis.dilation, " must be positive");
    }
    if (axis.padding < 0 || 2 * axis.padding > axis.kernel) {
      return c.invalid("padding ", axis.padding, " must be in [0, ", axis.kernel / 2,
                       "], half of kernel ", axis.kernel);
    }
    if (axis.count() < 1) {
      return c.invalid("kernel ", axis.kernel, " with dilation ", axis.dilation,
                       " is larger than the padded input: input ", x.to_string(), ", padding ",
                       axis.padding);
    }
  }
  return Shape{x[0], x[1], axes.first.count(), axes.second.count()};
}

Tensor window_rows(const Tensor& x, const PoolAxis& h, const PoolAxis& w, double value) {
  Tensor padded = pad(x, {w.padding, w.padding_after(), h.padding, h.padding_after()}, value);
  Tensor apart =
      windows(padded, {h.kernel, w.kernel}, {h.stride, w.stride}, {h.dilation, w.dilation});
  return reshape(apart, {x.size(0), x.size(1), h.count(), w.count(), h.kernel * w.kernel});
}

Tensor fold_rows(const Tensor& rows, const Shape& x, const PoolAxis& h, const PoolAxis& w) {
  Tensor apart = reshape(rows, {x[0], x[1], h.count(), w.count(), h.kernel, w.kernel});
  Tensor padded = fold_windows(
      apart, {h.size + h.padding + h.padding_after(), w.size + w.padding + w.padding_after()},
      {h.stride, w.stride}, {h.dilation, w.dilation});
  return pad(padded, {-w.padding, -w.padding_after(), -h.padding, -h.padding_after()});
}

}  // namespace tessera
