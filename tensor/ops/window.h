// SPDX-License-Identifier: Apache-2.0
//
// Sliding windows: what convolution and pooling are made of.
//   dtype:  any; fold_windows wants numbers
//   errors: kInvalidArgument if a kernel with its dilation is larger than the tensor, or a stride
//   or
//           dilation is not positive
// Differentiable: each is the other's gradient.
#ifndef TESSERA_TENSOR_OPS_WINDOW_H_
#define TESSERA_TENSOR_OPS_WINDOW_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

// Every window of `kernel` sizes over the last n = kernel.size() dimensions.
//   shape: x (B.., s_1..s_n) -> (B.., o_1..o_n, k_1..k_n), o = (s - dilation (k - 1) - 1) / stride
//   + 1
// element [.., o.., k..] is x[.., o * stride + k * dilation ..]. Windows overlap in memory.
Tensor windows(const Tensor& x, Dims kernel, Dims stride, Dims dilation);
// The transpose of windows: g (B.., o_1..o_n, k_1..k_n) -> (B.., sizes..), where every element is
// the sum of the window elements that show it.
Tensor fold_windows(const Tensor& g, Dims sizes, Dims stride, Dims dilation);
// Number of windows along a dimension of `size`: (size - dilation (kernel - 1) - 1) / stride + 1.
int64_t window_count(int64_t size, int64_t kernel, int64_t stride, int64_t dilation);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_WINDOW_H_
