// SPDX-License-Identifier: Apache-2.0
//
// Convolutions over one, two and three dimensions (cross-correlation, as in PyTorch).
//
//   Tensor y = conv2d(x, weight, bias, {.stride = 2, .padding = {1, 2}});
//   Tensor z = conv1d(signal, weight, {}, {.padding = kSame, .dilation = 3});
//
//   shape:  x (N, C, sizes..) or (C, sizes..), weight (O, C / groups, kernel..), bias (O) or
//   undefined
//           -> (N, O, out..) or (O, out..), out = (size + 2 padding - dilation (k - 1) - 1) /
//           stride
//           + 1, rounded down
//   dtype:  one floating point dtype for all
//   errors: kInvalidArgument for channels that do not fit, groups that do not divide, a kernel
//           larger than the padded input, a stride or dilation that is not positive, kSame with a
//           stride
// Differentiable, twice and more. conv2d has kernels; conv1d is it with a dimension of size 1, and
// conv3d is it with the depth of the kernel among the channels, for which the input is copied once
// per depth of the kernel.
#ifndef TESSERA_TENSOR_OPS_CONV_H_
#define TESSERA_TENSOR_OPS_CONV_H_

#include "tessera/tensor/ops/extent.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

template <class Extent>
struct ConvOptions {
  Extent stride = 1;
  ConvPadding<Extent> padding = 0;  // zeros on each side
  Extent dilation = 1;
  int64_t groups = 1;
};
using Conv1dOptions = ConvOptions<int64_t>;
using Conv2dOptions = ConvOptions<Pair>;
using Conv3dOptions = ConvOptions<Triple>;

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv1dOptions& options = {});
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv2dOptions& options = {});
Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv3dOptions& options = {});

// The gradients of conv2d for x of shape (N, C, height, width) and for weight with kernels (kh,
// kw).
//   errors: also kInvalidArgument for kSame
Tensor conv2d_backward_input(const Tensor& g, const Tensor& weight, Pair size,
                             const Conv2dOptions& options);
Tensor conv2d_backward_weight(const Tensor& g, const Tensor& x, Pair kernel,
                              const Conv2dOptions& options);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_CONV_H_
