// SPDX-License-Identifier: Apache-2.0
//
// A convolution, relu and max pooling in one pass: the convolution's whole output, which is as many
// times larger as a pooling window has elements, is never written.
//
//   Tensor y = conv2d_relu_max_pool2d(x, weight, bias, {.padding = 1}, 2);
//   // as max_pool2d(relu(conv2d(x, weight, bias, {.padding = 1})), 2)
//
//   shape:  x (N, C, H, W), weight (O, C / groups, kh, kw), bias (O) or undefined -> (N, O, oh, ow)
//   dtype:  one floating point dtype for all
//   errors: those of conv2d and of max_pool2d; kInvalidArgument for windows of more than 255
//   elements
// The result has the bits of the three ops one after the other. So has the gradient of x where
// windows do not overlap and the gradient of weight; that of bias is a sum in another order.
// Differentiable, twice and more.
#ifndef TESSERA_TENSOR_OPS_CONV_POOL_H_
#define TESSERA_TENSOR_OPS_CONV_POOL_H_

#include "tessera/tensor/ops/conv.h"
#include "tessera/tensor/ops/pool.h"

namespace tessera {

Tensor conv2d_relu_max_pool2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                              const Conv2dOptions& conv, Pair kernel_size,
                              const MaxPool2dOptions& pool = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_CONV_POOL_H_
