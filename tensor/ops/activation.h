// SPDX-License-Identifier: Apache-2.0
//
// Activations that have a kernel besides those of ops/unary.h, for backends that care; the others
// run their decompositions. nn/functional_activation.h has them all, under PyTorch's names.
//   shape:  any; the result has x's shape. A parameter is a number or a tensor that broadcasts to
//   it dtype:  floating point; the parameters have x's errors: kInvalidArgument for another dtype
//   source: the definitions in backends/elementwise/ops.inc
// Differentiable. nan in gives nan out.
#ifndef TESSERA_TENSOR_OPS_ACTIVATION_H_
#define TESSERA_TENSOR_OPS_ACTIVATION_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

// x where x > 0, else slope * x. Gradient `slope` at 0.
Tensor leaky_relu(const Tensor& x, const Tensor& slope = 0.01);

// x where x > 0, else alpha * (exp(x) - 1). Gradient `alpha` at 0. (Clevert et al., 2015)
Tensor elu(const Tensor& x, const Tensor& alpha = 1.0);

// x * tanh(log(1 + exp(x))). (Misra, 2019)
Tensor mish(const Tensor& x);

// x * min(max(x + 3, 0), 6) / 6. Gradient 0 at -3, 1 at 3. (Howard et al., 2019)
Tensor hardswish(const Tensor& x);

// Gradients as single nodes: g times the derivative at x. The parameters have x's dtype and shape,
// or are numbers.
Tensor prelu_backward(const Tensor& g, const Tensor& x, const Tensor& slope);
Tensor elu_backward(const Tensor& g, const Tensor& x, const Tensor& alpha);
Tensor mish_backward(const Tensor& g, const Tensor& x);
Tensor hardswish_backward(const Tensor& g, const Tensor& x);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_ACTIVATION_H_
