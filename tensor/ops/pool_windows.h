// SPDX-License-Identifier: Apache-2.0
//
// What the ops that pool over two dimensions share: their windows. Internal to tensor/ops/.
#ifndef TESSERA_TENSOR_OPS_POOL_WINDOWS_H_
#define TESSERA_TENSOR_OPS_POOL_WINDOWS_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/ops/pool_axis.h"

namespace tessera {

// Height and width of x (N, C, H, W) as max_pool2d goes over them, from its attributes:
// kh, kw, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, ceil_mode
std::pair<PoolAxis, PoolAxis> max_axes(absl::Span<const int64_t> ints, const Shape& x);

// The shape (N, C, oh, ow) of x pooled, or why it cannot be.
absl::StatusOr<Shape> pooled(const InferContext& c, const Shape& x,
                             std::pair<PoolAxis, PoolAxis> axes);

// x padded with `value` and seen as windows (N, C, oh, ow, kh * kw).
Tensor window_rows(const Tensor& x, const PoolAxis& h, const PoolAxis& w, double value);

// The transpose of window_rows: sums rows back into the shape of x.
Tensor fold_rows(const Tensor& rows, const Shape& x, const PoolAxis& h, const PoolAxis& w);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_POOL_WINDOWS_H_
