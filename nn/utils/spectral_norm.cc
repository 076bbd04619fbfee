// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/spectral_norm.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/conv_transpose.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/ops/vector_norm.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn::utils {
namespace {

bool is_transposed(Module& module) {
  return dynamic_cast<ConvTranspose1d*>(&module) != nullptr ||
         dynamic_cast<ConvTranspose2d*>(&module) != nullptr ||
         dynamic_cast<ConvTranspose3d*>(&module) != nullptr;
}

Tensor as_matrix(const Tensor& weight, int64_t dim) {
  return flatten(movedim(weight, dim, 0).unsqueeze(-1), 1);
}

Tensor unit(const Tensor& x, double eps) { return x / clamp_min(norm(x), eps); }

}  // namespace

void spectral_norm(Module& module, const SpectralNormOptions& options) {
  Tensor weight;
  for (const auto& [own, value] : module.own_parameters()) {
    if (own == options.name) weight = value;
  }
  if (!weight.defined()) {
    raise(absl::NotFoundError(absl::StrCat("spectral_norm: ", module.type_name(),
                                           " has no parameter '", options.name, "'")));
  }
  if (options.n_power_iterations < 1) {
    raise_invalid("spectral_norm", "n_power_iterations must be positive, got ",
                  options.n_power_iterations);
  }
  check_min_rank("spectral_norm", weight, 1);
  const int64_t dim = dim_or_raise(
      "spectral_norm", options.dim.value_or(is_transposed(module) ? 1 : 0), weight.shape().rank());
  Tensor original, u, v;
  {
    NoGradGuard no_grad;
    original = weight.detach().clone();
    const Tensor matrix = as_matrix(original, dim);
    const TensorOptions as = {.dtype = weight.dtype(), .device = weight.device()};
    u = unit(randn({matrix.size(0)}, as), options.eps);
    v = unit(randn({matrix.size(1)}, as), options.eps);
  }
  auto compute = [original, u, v, dim, n = options.n_power_iterations,
                  eps = options.eps](bool training) mutable {
    if (training) {
      NoGradGuard no_grad;
      const Tensor matrix = as_matrix(original.detach(), dim);
      for (int64_t i = 0; i < n; ++i) {
        v.copy_(unit(mv(matrix.t(), u), eps));
        u.copy_(unit(mv(matrix, v), eps));
      }
    }
    // The next call changes u and v while the tape needs these.
    const Tensor left = u.clone(), right = v.clone();
    return original / dot(left, mv(as_matrix(original, dim), right));
  };
  module.reparametrize(options.name, {{options.name + "_orig", original}}, compute,
                       {{options.name + "_u", u}, {options.name + "_v", v}});
}

void remove_spectral_norm(Module& module, const std::string& name) {
  module.remove_reparametrization(name);
}

}  // namespace tessera::nn::utils
