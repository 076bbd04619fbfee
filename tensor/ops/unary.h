// SPDX-License-Identifier: Apache-2.0
//
// Elementwise functions of one tensor.
//   shape:  any; the result has x's shape
//   dtype:  floating point; integers and bool are converted to float32 first. neg, abs, sign,
//           square and relu keep integer dtypes
//   errors: kInvalidArgument for neg, abs, sign, square, relu of a bool tensor
//   source: the definitions in backends/elementwise/ops.inc
// Differentiable unless said. nan in gives nan out. Those that take a Tensor&& write over it if it
// has no other owner and no gradient reads it: relu(conv(x)) needs no memory of its own.
#ifndef TESSERA_TENSOR_OPS_UNARY_H_
#define TESSERA_TENSOR_OPS_UNARY_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

Tensor neg(const Tensor& x);
Tensor abs(const Tensor& x);   // gradient sign(x), 0 at 0
Tensor sign(const Tensor& x);  // gradient 0
Tensor square(const Tensor& x);
Tensor relu(const Tensor& x);  // max(x, 0); gradient 0 at 0
Tensor relu(Tensor&& x);

Tensor exp(const Tensor& x);
Tensor exp2(const Tensor& x);
Tensor expm1(const Tensor& x);
Tensor log(const Tensor& x);
Tensor log2(const Tensor& x);
Tensor log10(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);
Tensor reciprocal(const Tensor& x);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tan(const Tensor& x);
Tensor asin(const Tensor& x);
Tensor acos(const Tensor& x);
Tensor atan(const Tensor& x);
Tensor sinh(const Tensor& x);
Tensor cosh(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor tanh(Tensor&& x);
Tensor erf(const Tensor& x);
Tensor erfinv(const Tensor& x);  // y with erf(y) = x; infinite at +-1, nan beyond

// To whole numbers: down, up, half to even, toward zero. Gradient 0. Integers stay as they are.
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor round(const Tensor& x);
Tensor trunc(const Tensor& x);

Tensor sigmoid(const Tensor& x);
Tensor sigmoid(Tensor&& x);
Tensor silu(const Tensor& x);        // x * sigmoid(x)
Tensor gelu(const Tensor& x);        // x * Phi(x), with erf (Hendrycks and Gimpel, 2016)
Tensor gelu_tanh(const Tensor& x);   // its approximation by tanh
Tensor softplus(const Tensor& x);    // log(1 + exp(x))
Tensor logsigmoid(const Tensor& x);  // -softplus(-x)

// To bool; not differentiable. Of integers: false, false, true.
Tensor isnan(const Tensor& x);
Tensor isinf(const Tensor& x);
Tensor isfinite(const Tensor& x);

// Of bool; other dtypes are compared with zero first. Not differentiable.
Tensor logical_not(const Tensor& x);
// Of integers, bit by bit; of bool, logical_not. Not differentiable.
Tensor bitwise_not(const Tensor& x);
inline Tensor operator~(const Tensor& x) { return bitwise_not(x); }

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_UNARY_H_
