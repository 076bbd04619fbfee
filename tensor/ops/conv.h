// SPDX-License-Identifier: Apache-2.0
//
// Two-dimensional convolution (cross-correlation, as in PyTorch).
#ifndef TESSERA_TENSOR_OPS_CONV_H_
#define TESSERA_TENSOR_OPS_CONV_H_

#include <array>

#include "tessera/tensor/tensor.h"

namespace tessera {

// Height and width; one number stands for both.
struct Pair {
  int64_t height = 0, width = 0;
  constexpr Pair(int64_t both) : height(both), width(both) {}
  constexpr Pair(int64_t h, int64_t w) : height(h), width(w) {}
  friend bool operator==(const Pair&, const Pair&) = default;
};

struct Conv2dOptions {
  Pair stride = 1;
  Pair padding = 0;  // zeros on each side
  Pair dilation = 1;
  int64_t groups = 1;
};

//   shape:  x (N, C, H, W), weight (O, C / groups, kh, kw), bias (O) or undefined -> (N, O, oh,
//   ow),
//           oh = (H + 2 padding - dilation (kh - 1) - 1) / stride + 1
//   dtype:  one floating point dtype for all
//   errors: kInvalidArgument for channels that do not fit, groups that do not divide, a kernel
//   larger
//           than the padded input, a stride or dilation that is not positive
// Differentiable, twice and more.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv2dOptions& options = {});

// The gradients of conv2d for x of shape (.., height, width) and for weight with kernels (kh, kw).
Tensor conv2d_backward_input(const Tensor& g, const Tensor& weight, Pair size,
                             const Conv2dOptions& options);
Tensor conv2d_backward_weight(const Tensor& g, const Tensor& x, Pair kernel,
                              const Conv2dOptions& options);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_CONV_H_
