// SPDX-License-Identifier: Apache-2.0
//
// Elementwise functions that are compositions of those in ops/unary.h and ops/binary.h, but for
// clamp, which has a kernel.
//   shape:  operands broadcast; the result has the broadcast shape
//   dtype:  operands are promoted to a common dtype (tensor/promotion.h)
//   errors: kInvalidArgument if shapes do not broadcast or devices differ
//   source: PyTorch's functions of these names
// Differentiable unless said, with gradients of any order. C++ numbers may stand for tensors.
#ifndef TESSERA_TENSOR_OPS_POINTWISE_H_
#define TESSERA_TENSOR_OPS_POINTWISE_H_

#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera {

Tensor add(const Tensor& a, const Tensor& b, const Tensor& alpha);  // a + alpha * b
Tensor sub(const Tensor& a, const Tensor& b, const Tensor& alpha);  // a - alpha * b
// As div, floor_divide or trunc_divide.
Tensor div(const Tensor& a, const Tensor& b, RoundingMode rounding_mode);

// x + value * tensor1 * tensor2, and x + value * tensor1 / tensor2.
//   errors: addcdiv: kInvalidArgument if tensor1 and tensor2 are both of integers
Tensor addcmul(const Tensor& x, const Tensor& tensor1, const Tensor& tensor2,
               const Tensor& value = 1);
Tensor addcdiv(const Tensor& x, const Tensor& tensor1, const Tensor& tensor2,
               const Tensor& value = 1);
// start + weight * (end - start), exactly `start` at weight 0 and `end` at weight 1.
Tensor lerp(const Tensor& start, const Tensor& end, const Tensor& weight);

// log(x / (1 - x)), the inverse of sigmoid; nan outside [0, 1]. With `eps` x is first held in
// [eps, 1 - eps].
//   dtype:  floating point; integers and bool are converted to float32 first
Tensor logit(const Tensor& x, std::optional<double> eps = std::nullopt);

// x - trunc(x): the part behind the point, with x's sign.
//   dtype:  floating point
//   errors: kInvalidArgument for another dtype
Tensor frac(const Tensor& x);

// x with other values for nan, inf and -inf; by default 0 and the dtype's greatest and least finite
// numbers. Gradient 0 there. Integers are returned as they are.
Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = std::nullopt,
                  std::optional<double> neginf = std::nullopt);

// x held between the bounds that are given, which are numbers or tensors: the lesser of `max` and
// (the greater of x and `min`). nan if any is nan. The gradient goes to x inside and at the bounds,
// outside to the bound.
//   errors: kInvalidArgument if neither is given
Tensor clamp(const Tensor& x, std::optional<Tensor> min, std::optional<Tensor> max = std::nullopt);
Tensor clamp_min(const Tensor& x, const Tensor& min);
Tensor clamp_max(const Tensor& x, const Tensor& max);

// x, with `value` (one element, converted to x's dtype) where mask (bool) is true.
//   errors: kInvalidArgument if value has not one element or mask is not bool
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);

// x * 2^n, and x / 2^n rounded down (0 or -1 where n is negative or no less than the width).
//   dtype:  integers
//   errors: kInvalidArgument for another dtype
// Not differentiable.
Tensor bitwise_left_shift(const Tensor& x, const Tensor& n);
Tensor bitwise_right_shift(const Tensor& x, const Tensor& n);

// bool: |a - b| <= atol + rtol * |b|, computed in at least float32, for integers exactly; equal
// infinities are close. nan is close to nan if equal_nan. Not differentiable.
//   errors: kInvalidArgument if rtol or atol is negative
Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
               bool equal_nan = false);
// True if the shapes are equal and all elements are close.
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
              bool equal_nan = false);
// True if shapes, dtypes and all elements are equal.
bool equal(const Tensor& a, const Tensor& b);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_POINTWISE_H_
