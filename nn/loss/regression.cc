// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/loss/regression.h"

#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn::functional {

using internal::check_same_shape;
using internal::reduced;
using internal::refuse;

Tensor mse_loss(const Tensor& input, const Tensor& target, const LossOptions& options) {
  check_same_shape("mse_loss", input, target);
  return reduced((input - target).square(), options.reduction);
}

Tensor l1_loss(const Tensor& input, const Tensor& target, const LossOptions& options) {
  check_same_shape("l1_loss", input, target);
  return reduced((input - target).abs(), options.reduction);
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target,
                      const SmoothL1LossOptions& options) {
  if (!(options.beta >= 0)) refuse("smooth_l1_loss", "beta is ", options.beta, ", not at least 0");
  if (options.beta == 0) return l1_loss(input, target, {.reduction = options.reduction});
  check_same_shape("smooth_l1_loss", input, target);
  const Tensor d = input - target, size = d.abs();
  return reduced(
      where(size < options.beta, d.square() * (0.5 / options.beta), size - options.beta / 2),
      options.reduction);
}

Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberLossOptions& options) {
  if (!(options.delta > 0)) refuse("huber_loss", "delta is ", options.delta, ", not above 0");
  check_same_shape("huber_loss", input, target);
  const Tensor d = input - target, size = d.abs();
  return reduced(
      where(size < options.delta, d.square() * 0.5, (size - options.delta / 2) * options.delta),
      options.reduction);
}

}  // namespace tessera::nn::functional
