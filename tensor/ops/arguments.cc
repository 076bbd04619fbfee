// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/arguments.h"

#include <algorithm>

#include "tessera/tensor/ops/view.h"

namespace tessera {

int dim_or_raise(std::string_view op, int64_t dim, int rank) {
  absl::StatusOr<int> d = normalize_dim(dim, rank);
  if (!d.ok()) raise_op_error(op, d.status());
  return *d;
}

std::vector<int64_t> dims_or_raise(std::string_view op, Dims dims, int rank) {
  std::vector<int64_t> result;
  for (int64_t dim : dims) {
    const int64_t d = dim_or_raise(op, dim, rank);
    if (std::find(result.begin(), result.end(), d) != result.end()) {
      raise_invalid(op, "a dimension stands twice in ", to_string(dims));
    }
    result.push_back(d);
  }
  return result;
}

void check_floating(std::string_view op, const Tensor& x) {
  if (!x.is_floating_point()) {
    raise_invalid(op, "wants a floating point dtype, got ", dtype_name(x.dtype()));
  }
}

void check_min_rank(std::string_view op, const Tensor& x, int rank) {
  if (x.dim() < rank) {
    raise_invalid(op, "wants at least ", rank, " dimension", rank == 1 ? "" : "s", ", got ",
                  x.shape().to_string());
  }
}

Tensor as_index(const Tensor& index) { return index.dtype() == kInt32 ? index.to(kInt64) : index; }

Tensor without_gradient(const Tensor& x) {
  if (!x.requires_grad()) return x;
  NoGradGuard no_grad;
  return view(x, x.shape());
}

Tensor as_summand(const Tensor& x, std::optional<DType> dtype) {
  if (dtype) return x.to(*dtype);
  return x.is_floating_point() ? x : x.to(kInt64);
}

}  // namespace tessera
