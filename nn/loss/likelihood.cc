// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/loss/likelihood.h"

#include <cmath>
#include <numbers>

#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn::functional {
namespace {

using internal::check_same_shape;
using internal::reduced;
using internal::refuse;

// x log(x), 0 at 0.
Tensor x_log_x(const Tensor& x) { return x * where(x == 0, 1, x).log(); }

// var so that it broadcasts to input.
Tensor broadcastable_variance(const Tensor& input, const Tensor& var) {
  if (var.shape() == input.shape()) return var;
  Shape short_of_last = input.shape();
  if (short_of_last.rank() > 0) {
    short_of_last.erase(short_of_last.rank() - 1);
    if (var.shape() == short_of_last) return var.unsqueeze(-1);
  }
  int64_t differing = 0;
  bool fits = var.dim() == input.dim();
  for (int k = 0; fits && k < var.dim(); ++k) {
    if (var.size(k) == input.size(k)) continue;
    fits = var.size(k) == 1;
    ++differing;
  }
  if (!fits || differing != 1) {
    refuse("gaussian_nll_loss", "input has shape ", input.shape().to_string(), ", var ",
           var.shape().to_string());
  }
  return var;
}

}  // namespace

Tensor kl_div(const Tensor& input, const Tensor& target, const KLDivLossOptions& options) {
  check_same_shape("kl_div", input, target);
  const Tensor losses =
      options.log_target ? target.exp() * (target - input) : x_log_x(target) - target * input;
  const Tensor result = reduced(losses, options.reduction.reduction);
  const bool divided = options.reduction.batch_mean && input.dim() > 0;
  return divided ? result / static_cast<double>(input.size(0)) : result;
}

Tensor poisson_nll_loss(const Tensor& input, const Tensor& target,
                        const PoissonNLLLossOptions& options) {
  check_same_shape("poisson_nll_loss", input, target);
  Tensor losses = options.log_input ? input.exp() - target * input
                                    : input - target * (input + options.eps).log();
  if (options.full) {
    const Tensor counted = target > 1, t = where(counted, target, 1);
    const Tensor stirling = t * t.log() - t + (t * (2 * std::numbers::pi)).log() * 0.5;
    losses = losses + where(counted, stirling, 0);
  }
  return reduced(losses, options.reduction);
}

Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var,
                         const GaussianNLLLossOptions& options) {
  check_same_shape("gaussian_nll_loss", input, target);
  const Tensor variance = broadcastable_variance(input, var);
  Tensor excess;
  {
    NoGradGuard no_grad;
    if ((variance < 0).any().item<bool>())
      refuse("gaussian_nll_loss", "var has a negative element");
    excess = variance.clamp(options.eps) - variance;
  }
  const Tensor v = variance + excess;
  Tensor losses = (v.log() + (input - target).square() / v) * 0.5;
  if (options.full) losses = losses + 0.5 * std::log(2 * std::numbers::pi);
  return reduced(losses, options.reduction);
}

}  // namespace tessera::nn::functional
