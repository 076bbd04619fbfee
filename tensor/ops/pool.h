// SPDX-License-Identifier: Apache-2.0
//
// Two-dimensional pooling.
//   shape:  x (N, C, H, W) -> (N, C, oh, ow), oh = (H + 2 padding - dilation (k - 1) - 1) / stride
//   + 1,
//           rounded up with ceil_mode (the last window must start inside the input or its padding
//           on the left)
//   dtype:  floating point
//   errors: kInvalidArgument for a kernel larger than the padded input, padding above half the
//   kernel,
//           a stride or dilation that is not positive
// Differentiable.
#ifndef TESSERA_TENSOR_OPS_POOL_H_
#define TESSERA_TENSOR_OPS_POOL_H_

#include <optional>

#include "tessera/tensor/ops/conv.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

struct MaxPool2dOptions {
  std::optional<Pair> stride = std::nullopt;  // the kernel size
  Pair padding = 0;                           // -inf on each side
  Pair dilation = 1;
  bool ceil_mode = false;
};

// nan wins. The gradient goes to the first maximum of each window in row-major order.
Tensor max_pool2d(const Tensor& x, Pair kernel_size, const MaxPool2dOptions& options = {});

struct AvgPool2dOptions {
  std::optional<Pair> stride = std::nullopt;  // the kernel size
  Pair padding = 0;                           // zeros on each side
  bool ceil_mode = false;
  bool count_include_pad = true;  // whether padding counts in the mean
  int64_t divisor_override = 0;   // in place of the number of elements; 0: none
};

Tensor avg_pool2d(const Tensor& x, Pair kernel_size, const AvgPool2dOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_POOL_H_
