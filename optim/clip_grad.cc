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
  if (std::isinf(norm_type)) return norm_type > 0 ? x.abs().amax() : x.abs().amin();
  if (norm_type == 0) return (x != 0).to(x.dtype()).sum();
  if (norm_type == 1) return x.abs().sum();
  if (norm_type == 2) return x.norm();
  return x.abs().pow(norm_type).sum().pow(1 / norm_type);
}

}  // namespace

Tensor get_total_norm(absl::Span<const Tensor> tensors, const ClipGradNormOptions& options) {
  if (std::isnan(options.norm_type)) {
    raise(absl::InvalidArgumentError("get_total_norm: norm_type is nan"));
  }
  NoGradGuard no_grad;
  std::vector<Tensor> norms;
  for (const Tensor& x : tensors) {
    if (x.numel() > 0) norms.push_back(vector_norm(x.detach(), options.norm_type));
  }
  if (norms.empty()) return zeros({});
  const Tensor total = vector_norm(stack(norms), options.norm_type);
  if (options.error_if_nonfinite && !std::isfinite(total.item<double>())) {
    raise(absl::FailedPreconditionError(absl::StrCat(
        "get_total_norm: the norm of order ", options.norm_type, " is ", total.item<double>())));
  }
  return total;
}

void clip_grads_with_norm_(absl::Span<const Tensor> parameters, double max_norm,
                           const Tensor& total_norm) {
  NoGradGuard no_grad;
  const Tensor factor = (max_norm / (total_norm + 1e-6)).clamp({}, 1.0);
  for (Tensor& g : gradients_of(parameters)) g.mul_(factor);
}

Tensor clip_grad_norm_(absl::Span<const Tensor> parameters, double max_norm,
                       const ClipGradNormOptions& options) {
  const Tensor total = get_total_norm(gradients_of(parameters), options);
  clip_grads_with_norm_(parameters, max_norm, total);
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
