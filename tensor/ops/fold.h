// SPDX-License-Identifier: Apache-2.0
//
// Patches of images as columns (im2col) and back (torch.nn.functional.unfold and fold).
#ifndef TESSERA_TENSOR_OPS_FOLD_H_
#define TESSERA_TENSOR_OPS_FOLD_H_

#include "tessera/tensor/ops/extent.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

struct FoldOptions {
  Pair dilation = 1;
  Pair padding = 0;  // zeros on each side
  Pair stride = 1;
};

// Every window as a column, windows in row-major order.
//   shape:  x (N, C, H, W) or (C, H, W) -> (N, C kh kw, windows) or (C kh kw, windows)
//   dtype:  any
//   errors: kInvalidArgument for a kernel larger than the padded input, a stride or dilation that
//   is
//           not positive, a negative padding
// Differentiable.
Tensor unfold(const Tensor& x, Pair kernel_size, const FoldOptions& options = {});

// The sum of overlapping windows: the transpose of unfold for an image of `output_size`.
//   shape:  x (N, C kh kw, windows) or (C kh kw, windows) -> (N, C, height, width) or (C, height,
//           width)
//   dtype:  numbers
//   errors: as unfold; kInvalidArgument for other numbers of rows or windows than these sizes give
// Differentiable.
Tensor fold(const Tensor& x, Pair output_size, Pair kernel_size, const FoldOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_FOLD_H_
