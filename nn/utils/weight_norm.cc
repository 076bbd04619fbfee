// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/weight_norm.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/vector_norm.h"

namespace tessera::nn::utils {
namespace {

// The 2-norm over all dimensions but `dim`, which keep size 1; without dim of all elements, ().
Tensor norm_except(const Tensor& v, std::optional<int64_t> dim) {
  if (!dim.has_value()) return norm(v);
  std::vector<int64_t> others;
  for (int64_t d = 0; d < v.dim(); ++d) {
    if (d != *dim) others.push_back(d);
  }
  return others.empty() ? abs(v) : sqrt(sum(square(v), others, /*keepdim=*/true));
}

}  // namespace

void weight_norm(Module& module, const std::string& name, std::optional<int64_t> dim) {
  Tensor weight;
  for (const auto& [own, value] : module.own_parameters()) {
    if (own == name) weight = value;
  }
  if (!weight.defined()) {
    raise(absl::NotFoundError(
        absl::StrCat("weight_norm: ", module.type_name(), " has no parameter '", name, "'")));
  }
  if (dim.has_value()) {
    const absl::StatusOr<int> d = normalize_dim(*dim, weight.shape().rank());
    if (!d.ok()) raise_op_error("weight_norm", d.status());
    dim = *d;
  }
  Tensor g, v;
  {
    NoGradGuard no_grad;
    v = weight.detach().clone();
    g = norm_except(v, dim);
  }
  module.reparametrize(name, {{name + "_g", g}, {name + "_v", v}},
                       [g, v, dim](bool /*training*/) { return v * (g / norm_except(v, dim)); });
}

void remove_weight_norm(Module& module, const std::string& name) {
  module.remove_reparametrization(name);
}

}  // namespace tessera::nn::utils
