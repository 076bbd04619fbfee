// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/loss/triplet.h"

#include <cmath>
#include <string_view>

#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn::functional {
namespace {

using internal::reduced;
using internal::refuse;

// The p-norm over the last dim.
Tensor last_norm(const Tensor& x, double p) {
  if (std::isinf(p)) return x.abs().amax(-1);
  if (p == 1) return x.abs().sum(-1);
  if (p == 2) return x.square().sum(-1).sqrt();
  return x.abs().pow(p).sum(-1).pow(1 / p);
}

Tensor triplet_losses(std::string_view loss, const Tensor& anchor, const Tensor& positive,
                      const Tensor& negative, double margin, bool swap,
                      const DistanceFunction& distance) {
  if (!(margin > 0)) refuse(loss, "margin is ", margin, ", not above 0");
  if (anchor.dim() != positive.dim() || anchor.dim() != negative.dim() || anchor.dim() < 1) {
    refuse(loss, "anchor has shape ", anchor.shape().to_string(), ", positive ",
           positive.shape().to_string(), ", negative ", negative.shape().to_string());
  }
  Tensor far = distance(anchor, negative);
  if (swap) far = minimum(far, distance(positive, negative));
  return (margin + distance(anchor, positive) - far).relu();
}

}  // namespace

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& options) {
  constexpr std::string_view kName = "triplet_margin_loss";
  if (!(options.p > 0)) refuse(kName, "p is ", options.p, ", not above 0");
  const auto distance = [&](const Tensor& a, const Tensor& b) {
    return last_norm(a - b + options.eps, options.p);
  };
  return reduced(
      triplet_losses(kName, anchor, positive, negative, options.margin, options.swap, distance),
      options.reduction);
}

Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive,
                                         const Tensor& negative,
                                         const TripletMarginWithDistanceLossOptions& options) {
  DistanceFunction distance = options.distance_function;
  if (!distance) {
    distance = [](const Tensor& a, const Tensor& b) { return last_norm(a - b + 1e-6, 2); };
  }
  return reduced(triplet_losses("triplet_margin_with_distance_loss", anchor, positive, negative,
                                options.margin, options.swap, distance),
                 options.reduction);
}

}  // namespace tessera::nn::functional
