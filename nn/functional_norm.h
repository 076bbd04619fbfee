// SPDX-License-Identifier: Apache-2.0
//
// Normalisation as functions (torch.nn.functional). nn/normalization.h has it as layers.
//
//   Tensor y = F::layer_norm(x, {128}, weight, bias);
//   Tensor z = F::batch_norm(x, running_mean, running_var, {.training = true});
#ifndef TESSERA_NN_FUNCTIONAL_NORM_H_
#define TESSERA_NN_FUNCTIONAL_NORM_H_

#include <cstdint>

#include "tessera/tensor/ops/layer_norm.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn::functional {

using tessera::group_norm;
using tessera::layer_norm;
using tessera::rms_norm;

struct BatchNormOptions {
  Tensor weight = {};  // (C); undefined: 1
  Tensor bias = {};    // (C); undefined: 0
  bool training = false;
  double momentum = 0.1;  // how much of the running statistics a batch replaces
  double eps = 1e-5;
};

// (x - mean) / sqrt(var + eps) * weight + bias for every channel: while training with the batch's
// mean and biased variance, otherwise with the running ones. While training, running statistics
// that are defined become (1 - momentum) * running + momentum * batch, with the unbiased variance.
//   shape:  x (N, C, S..), running statistics (C) or undefined
//   dtype:  one floating point dtype
//   errors: throws kInvalidArgument for shapes that do not fit, for one value per channel while
//           training, and for undefined statistics otherwise
Tensor batch_norm(const Tensor& x, Tensor running_mean, Tensor running_var,
                  const BatchNormOptions& options = {});

struct InstanceNormOptions {
  Tensor weight = {};           // (C); undefined: 1
  Tensor bias = {};             // (C); undefined: 0
  bool use_input_stats = true;  // otherwise the running statistics
  double momentum = 0.1;
  double eps = 1e-5;
};

// As batch_norm, with statistics of every sample of its own; the running ones follow their mean
// over the batch.
//   shape:  x (N, C, S..) with at least one S
//   errors: also kInvalidArgument for one element per channel with use_input_stats
Tensor instance_norm(const Tensor& x, Tensor running_mean = {}, Tensor running_var = {},
                     const InstanceNormOptions& options = {});

// x / (k + alpha * mean)^beta, mean: of the squares of `size` channels around each, those outside
// counting as zero.
//   shape:  x (N, C, S..) with at least one S
//   errors: throws kInvalidArgument for a lower rank
//   source: Krizhevsky, Sutskever and Hinton, 2012
Tensor local_response_norm(const Tensor& x, int64_t size, double alpha = 1e-4, double beta = 0.75,
                           double k = 1);

}  // namespace tessera::nn::functional

#endif  // TESSERA_NN_FUNCTIONAL_NORM_H_
