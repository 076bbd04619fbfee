// SPDX-License-Identifier: Apache-2.0
//
// Views: other shapes and parts of a tensor that share its memory. All are differentiable. They
// cost no copy and no kernel, unless said.
//   dtype:  any
//   errors: kOutOfRange for a dimension or index outside the tensor; kInvalidArgument for a shape
//           that does not fit, with both shapes
#ifndef TESSERA_TENSOR_OPS_VIEW_H_
#define TESSERA_TENSOR_OPS_VIEW_H_

#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera {

// One size of `shape` may be -1, which stands for what is left.
// view refuses strides that cannot be split that way; reshape copies then.
Tensor view(const Tensor& x, const Shape& shape);
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor permute(const Tensor& x, Dims dims);  // dimension k of the result is dims[k] of x
Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1);
Tensor movedim(const Tensor& x, int64_t source, int64_t destination);
Tensor movedim(const Tensor& x, Dims source, Dims destination);  // pair by pair
// Repeats dimensions of size 1, and new ones in front, with stride 0. -1 keeps a size.
Tensor expand(const Tensor& x, const Shape& shape);
Tensor squeeze(const Tensor& x);               // drops every dimension of size 1
Tensor squeeze(const Tensor& x, int64_t dim);  // drops `dim` if its size is 1
Tensor squeeze(const Tensor& x, Dims dims);    // drops those of `dims` whose size is 1
Tensor unsqueeze(const Tensor& x, int64_t dim);
Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
Tensor unflatten(const Tensor& x, int64_t dim, const Shape& sizes);
// Index `index` of `dim`, which is dropped. Negative: from the end.
Tensor select(const Tensor& x, int64_t dim, int64_t index);
// Python's x[start:end:step] along `dim`: negative bounds count from the end, bounds beyond the
// tensor are cut to it. step > 0.
Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step = 1);
// `length` indices from `start`, which must exist.
Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_VIEW_H_
