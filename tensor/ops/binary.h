// SPDX-License-Identifier: Apache-2.0
//
// Elementwise functions of two or three tensors.
//   shape:  operands broadcast; the result has the broadcast shape
//   dtype:  operands are promoted to a common dtype (tensor/promotion.h), which the result has
//   errors: kInvalidArgument if shapes do not broadcast or devices differ
//   source: the definitions in backends/elementwise/ops.inc
// A C++ number may stand for either operand. Differentiable unless said.
#ifndef TESSERA_TENSOR_OPS_BINARY_H_
#define TESSERA_TENSOR_OPS_BINARY_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

Tensor add(const Tensor& a, const Tensor& b);  // of bools: or
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);  // of bools: and
// True division: integers are converted to float32 first.
Tensor div(const Tensor& a, const Tensor& b);
// a / b rounded down, and toward zero. Integers stay integers; gradient 0. Integer division by zero
// gives 0 or -1 by rounding mode.
Tensor floor_divide(const Tensor& a, const Tensor& b);
Tensor trunc_divide(const Tensor& a, const Tensor& b);
Tensor remainder(const Tensor& a, const Tensor& b);  // sign of b, as Python's %
Tensor fmod(const Tensor& a, const Tensor& b);       // sign of a, as C's fmod
// errors: kInvalidArgument for an integer base with a negative C++ integer as exponent (an exponent
// that is an integer tensor truncates: 0, 1 or -1)
Tensor pow(const Tensor& base, const Tensor& exponent);
// nan if either is nan. Where both are equal each gets half of the gradient.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor atan2(const Tensor& y, const Tensor& x);  // floating point

// To bool; not differentiable. With nan all but ne are false.
Tensor eq(const Tensor& a, const Tensor& b);
Tensor ne(const Tensor& a, const Tensor& b);
Tensor lt(const Tensor& a, const Tensor& b);
Tensor le(const Tensor& a, const Tensor& b);
Tensor gt(const Tensor& a, const Tensor& b);
Tensor ge(const Tensor& a, const Tensor& b);

// bool of bools; other dtypes are compared with zero first. Not differentiable.
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_xor(const Tensor& a, const Tensor& b);

// Integers bit by bit; bools as logical_*. Not differentiable.
Tensor bitwise_and(const Tensor& a, const Tensor& b);
Tensor bitwise_or(const Tensor& a, const Tensor& b);
Tensor bitwise_xor(const Tensor& a, const Tensor& b);

// a where condition (bool) is true, else b.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator%(const Tensor& a, const Tensor& b) { return remainder(a, b); }
inline Tensor operator==(const Tensor& a, const Tensor& b) { return eq(a, b); }
inline Tensor operator!=(const Tensor& a, const Tensor& b) { return ne(a, b); }
inline Tensor operator<(const Tensor& a, const Tensor& b) { return lt(a, b); }
inline Tensor operator<=(const Tensor& a, const Tensor& b) { return le(a, b); }
inline Tensor operator>(const Tensor& a, const Tensor& b) { return gt(a, b); }
inline Tensor operator>=(const Tensor& a, const Tensor& b) { return ge(a, b); }
inline Tensor operator&(const Tensor& a, const Tensor& b) { return bitwise_and(a, b); }
inline Tensor operator|(const Tensor& a, const Tensor& b) { return bitwise_or(a, b); }
inline Tensor operator^(const Tensor& a, const Tensor& b) { return bitwise_xor(a, b); }

// Gradients of activations as single nodes: g times the derivative, from the function's output y
// (relu, sigmoid, tanh) or input x (silu, gelu). The result takes over the memory of a g that has
// no other owner.
Tensor relu_backward(Tensor g, const Tensor& y);
Tensor sigmoid_backward(Tensor g, const Tensor& y);
Tensor tanh_backward(Tensor g, const Tensor& y);
Tensor silu_backward(Tensor g, const Tensor& x);
Tensor gelu_backward(Tensor g, const Tensor& x);
Tensor gelu_tanh_backward(Tensor g, const Tensor& x);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_BINARY_H_
