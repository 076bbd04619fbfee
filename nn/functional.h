// SPDX-License-Identifier: Apache-2.0
//
// What layers compute, as functions (torch.nn.functional). Most are ops of tensor/ops, under their
// PyTorch names here too; losses are in nn/functional_loss.h.
//
//   namespace F = tessera::nn::functional;
//   Tensor y = F::dropout(F::relu(F::linear(x, weight, bias)), 0.1, is_training());
#ifndef TESSERA_NN_FUNCTIONAL_H_
#define TESSERA_NN_FUNCTIONAL_H_

#include <cstdint>

#include "tessera/tensor/ops/attention.h"
#include "tessera/tensor/ops/conv.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/pool.h"
#include "tessera/tensor/ops/softmax.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn::functional {

using tessera::avg_pool2d;
using tessera::conv2d;
using tessera::gelu;
using tessera::gelu_tanh;
using tessera::linear;
using tessera::log_softmax;
using tessera::logsigmoid;
using tessera::max_pool2d;
using tessera::one_hot;
using tessera::pad;
using tessera::relu;
using tessera::scaled_dot_product_attention;
using tessera::sigmoid;
using tessera::silu;
using tessera::softmax;
using tessera::softplus;
using tessera::tanh;

// x where x > 0, else negative_slope * x (also the gradient at 0).
//   dtype:  floating point
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);

// If `training`, x with each element set to zero with probability p and the others divided by 1 -
// p; else x itself. Draws from the default generator.
//   dtype:  floating point
//   errors: throws kInvalidArgument for p outside [0, 1]
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);

}  // namespace tessera::nn::functional

#endif  // TESSERA_NN_FUNCTIONAL_H_
