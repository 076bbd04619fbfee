// SPDX-License-Identifier: Apache-2.0
//
// Activations as functions, as in torch.nn.functional.
//   shape:  any; the result has x's shape unless said
//   dtype:  floating point; relu, relu6, hardtanh and threshold take integers too and keep them
//   errors: throw kInvalidArgument for another dtype and for parameters that make no sense
// Differentiable, with PyTorch's choice of gradient at kinks. nan in gives nan out.
#ifndef TESSERA_NN_FUNCTIONAL_ACTIVATION_H_
#define TESSERA_NN_FUNCTIONAL_ACTIVATION_H_

#include <cstdint>
#include <optional>

#include "tessera/tensor/ops/activation.h"
#include "tessera/tensor/ops/softmax.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

enum class GELUApproximation { kNone, kTanh };

namespace functional {

using tessera::elu;         // (x, alpha = 1)
using tessera::gelu;        // exact, by erf
using tessera::gelu_tanh;   // its approximation by tanh
using tessera::hardswish;   // x relu6(x + 3) / 6
using tessera::leaky_relu;  // (x, negative_slope = 0.01)
using tessera::log_softmax;
using tessera::logsigmoid;
using tessera::mish;  // x tanh(softplus(x))
using tessera::relu;
using tessera::sigmoid;
using tessera::silu;
using tessera::softmax;
using tessera::tanh;

Tensor gelu(const Tensor& x, GELUApproximation approximate);

// x held in [min, max]. Gradient 0 at the bounds.
Tensor hardtanh(const Tensor& x, double min = -1, double max = 1);
Tensor relu6(const Tensor& x);        // hardtanh between 0 and 6
Tensor hardsigmoid(const Tensor& x);  // relu6(x + 3) / 6

// x where x > threshold, else `value`.
Tensor threshold(const Tensor& x, double threshold, double value);

// 1.0507... * elu(x, 1.6732...), the fixed point of mean 0 and variance 1.
//   source: Klambauer et al., 2017
Tensor selu(const Tensor& x);
// x where x > 0, else alpha * (exp(x / alpha) - 1); alpha is not 0.
//   source: Barron, 2017
Tensor celu(const Tensor& x, double alpha = 1);
// x where x > 0, else w * x, with one w for all or one for each channel.
//   shape:  x (N, C, ...) or of rank 1; weight (1) or (C)
//   dtype:  weight has x's
//   source: He et al., 2015
Tensor prelu(const Tensor& x, const Tensor& weight);

// log(1 + exp(beta x)) / beta, and x itself where beta x > threshold.
Tensor softplus(const Tensor& x, double beta = 1, double threshold = 20);
Tensor softsign(const Tensor& x);    // x / (1 + |x|)
Tensor tanhshrink(const Tensor& x);  // x - tanh(x)
// x outside [-lambd, lambd], else 0; and the same moved to meet 0 there. lambd >= 0.
Tensor hardshrink(const Tensor& x, double lambd = 0.5);
Tensor softshrink(const Tensor& x, double lambd = 0.5);

// a * sigmoid(b), a and b the halves of x along `dim`.
//   shape:  (.., 2 n, ..) -> (.., n, ..)
//   errors: also kInvalidArgument for an odd size, kOutOfRange for a dimension that x lacks
//   source: Dauphin et al., 2017
Tensor glu(const Tensor& x, int64_t dim = -1);

// x where x > 0, else a x: while training with an a for every element, uniform in [lower, upper),
// from `generator`, by default the default one; else with (lower + upper) / 2.
//   errors: also kInvalidArgument unless 0 <= lower <= upper
//   source: Xu et al., 2015
Tensor rrelu(const Tensor& x, double lower = 1.0 / 8, double upper = 1.0 / 3, bool training = false,
             Generator* generator = nullptr);

// softmax((x + g) / tau), where every g is -log(-log(u)) of a uniform u: a sample of the categories
// that x gives the logarithms of, made smooth. If `hard` it is 1 at the greatest element and 0
// elsewhere, with the gradient of the smooth one.
//   errors: also kInvalidArgument unless tau > 0, kOutOfRange for a dimension that x lacks
//   source: Jang et al., 2017
Tensor gumbel_softmax(const Tensor& x, double tau = 1, bool hard = false, int64_t dim = -1,
                      Generator* generator = nullptr);

Tensor softmin(const Tensor& x, int64_t dim,
               std::optional<DType> dtype = std::nullopt);  // softmax(-x)

}  // namespace functional
}  // namespace tessera::nn

#endif  // TESSERA_NN_FUNCTIONAL_ACTIVATION_H_
