// SPDX-License-Identifier: Apache-2.0
//
// Losses of real targets: mse_loss, l1_loss, smooth_l1_loss, huber_loss.
#ifndef TESSERA_NN_LOSS_REGRESSION_H_
#define TESSERA_NN_LOSS_REGRESSION_H_

#include "tessera/nn/loss/reduction.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct SmoothL1LossOptions {
  Reduction reduction = kMean;
  double beta = 1;
};

struct HuberLossOptions {
  Reduction reduction = kMean;
  double delta = 1;
};

namespace functional {

// (input - target)^2 and |input - target| (gradient 0 at 0).
//   shape:  target has input's
//   dtype:  floating point
//   errors: throws kInvalidArgument for different shapes
Tensor mse_loss(const Tensor& input, const Tensor& target, const LossOptions& options = {});
Tensor l1_loss(const Tensor& input, const Tensor& target, const LossOptions& options = {});
// With d = |input - target|: d^2 / (2 beta) below beta, else d - beta / 2. beta 0 is l1_loss.
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target,
                      const SmoothL1LossOptions& options = {});
// d^2 / 2 below delta, else delta (d - delta / 2).
//   source: Huber, 1964
Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberLossOptions& options = {});

}  // namespace functional
}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_REGRESSION_H_
