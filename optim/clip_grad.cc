// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/clip_grad.h"

#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/join.h"

namespace tessera::nn::utils {
namespace {

std::vector<Tensor> gradients_of(absl::Span<const Tensor> parameters) {
  std::vector<Tensor> gradients;
  for (const Tensor& p : parameters) {
    if (Tensor gradient = p.grad(); gradient.defined()) gradients.push_back(gradient.detach());
  }
  return gradients;
}

Tensor vector_norm(const Tensor& x, double norm_type) {
  if (std::isinf(norm_type)) return x.abs().amax();
  if (norm_type == 2) return x.norm();
  if (norm_type == 1) return x.abs().sum();
  return x.abs().pow(norm_type).sum().pow(1 / norm_type);
}

}  // namespace

Tensor clip_grad_norm_(absl::Span<const Tensor> parameters, double max_norm,
                       const ClipGradNormOptions& options) {
  if (!(options.norm_type > 0)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("clip_grad_norm_: norm_type is ", options.norm_type, ", not above 0")));
  }
  NoGradGuard no_grad;
  std::vector<Tensor> gradients = gradients_of(parameters);
  std::erase_if(gradients, [](const Tensor& g) { return g.numel() == 0; });
  if (gradients.empty()) return zeros({});
  std::vector<Tensor> norms;
  for (const Tensor& g : gradients) norms.push_back(vector_norm(g, options.norm_type));
  const Tensor total = vector_norm(stack(norms), options.norm_type);
  if (options.error_if_nonfinite && !std::isfinite(total.item<double>())) {
    raise(absl::FailedPreconditionError(
        absl::StrCat("clip_grad_norm_: the norm of the gradients is ", total.item<double>())));
  }
  const Tensor factor = (max_norm / (total + 1e-6)).clamp({}, 1.0);
  for (Tensor& g : gradients) g.mul_(factor);
  return total;
}

void clip_grad_value_(absl::Span<const Tensor> parameters, double clip_value) {
  if (!(clip_value >= 0)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("clip_grad_value_: clip_value is ", clip_value, ", below 0")));
  }
  NoGradGuard no_grad;
  for (Tensor& g : gradients_of(parameters)) g.copy_(g.clamp(-clip_value, clip_value));
}

}  // namespace tessera::nn::utils
