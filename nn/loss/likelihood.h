// SPDX-License-Identifier: Apache-2.0
//
// Losses of distributions: kl_div, poisson_nll_loss, gaussian_nll_loss.
#ifndef TESSERA_NN_LOSS_LIKELIHOOD_H_
#define TESSERA_NN_LOSS_LIKELIHOOD_H_

#include "tessera/nn/loss/reduction.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

// A Reduction, or kBatchMean: the sum over the size of the first dimension.
struct KLDivReduction {
  Reduction reduction = kMean;
  bool batch_mean = false;

  KLDivReduction(Reduction r) : reduction(r) {}  // NOLINT(google-explicit-constructor)
  static KLDivReduction batch() {
    KLDivReduction r(kSum);
    r.batch_mean = true;
    return r;
  }
};
inline const KLDivReduction kBatchMean = KLDivReduction::batch();

struct KLDivLossOptions {
  KLDivReduction reduction = kMean;  // the definition of the divergence is kBatchMean
  bool log_target = false;           // whether targets are log-probabilities too
};

struct PoissonNLLLossOptions {
  bool log_input = true;  // whether input is the logarithm of the rate
  bool full = false;      // adds Stirling's approximation of log(target!)
  double eps = 1e-8;      // added to the rate inside the logarithm, without log_input
  Reduction reduction = kMean;
};

struct GaussianNLLLossOptions {
  bool full = false;  // adds log(2 pi) / 2
  double eps = 1e-6;  // the least variance
  Reduction reduction = kMean;
};

namespace functional {

// target (log(target) - input): the divergence of exp(input) from target, element by element; 0
// where target is 0.
//   shape:  target has input's
//   dtype:  floating point; input log-probabilities, target probabilities (or their logarithms)
//   errors: throws kInvalidArgument for different shapes
//   source: Kullback and Leibler, 1951
Tensor kl_div(const Tensor& input, const Tensor& target, const KLDivLossOptions& options = {});

// exp(input) - target input, or without log_input input - target log(input + eps). With full,
// target log(target) - target + log(2 pi target) / 2 is added where target is above 1.
//   shape:  target has input's
//   dtype:  floating point
//   errors: throws kInvalidArgument for different shapes
Tensor poisson_nll_loss(const Tensor& input, const Tensor& target,
                        const PoissonNLLLossOptions& options = {});

// (log(v) + (input - target)^2 / v) / 2 with v = max(var, eps); the gradient passes to var as if
// it were not bounded, as in PyTorch.
//   shape:  target has input's; var input's, or without its last size, or with 1 for one size
//   dtype:  floating point
//   errors: throws kInvalidArgument for other shapes and for a negative var (which waits for the
//           device)
//   source: Nix and Weigend, 1994
Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var,
                         const GaussianNLLLossOptions& options = {});

}  // namespace functional
}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_LIKELIHOOD_H_
