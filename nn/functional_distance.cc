// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/functional_distance.h"

#include <cmath>
#include <limits>

#include "absl/status/statusor.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera::nn::functional {
namespace {

// f(x), and 0 where x is 0, without the infinite slope that roots have there.
template <class F>
Tensor root_or_zero(const Tensor& x, F f) {
  const Tensor is_zero = x == 0;
  return where(is_zero, 0, f(where(is_zero, 1, x)));
}

// (sum |x|^p)^(1/p) along `dim`, which is kept.
Tensor length(const Tensor& x, double p, int64_t dim) {
  const int64_t dims[] = {dim};
  if (p == 2)
    return root_or_zero(sum(square(x), dims, true), [](const Tensor& s) { return sqrt(s); });
  const Tensor size = abs(x);
  if (p == 1) return sum(size, dims, true);
  if (p == std::numeric_limits<double>::infinity()) return amax(size, dims, true);
  if (p == -std::numeric_limits<double>::infinity()) return amin(size, dims, true);
  if (p == 0) return sum((x != 0).to(x.dtype()), dims, true);
  const Tensor powers = root_or_zero(size, [p](const Tensor& s) { return pow(s, p); });
  return root_or_zero(sum(powers, dims, true), [p](const Tensor& s) { return pow(s, 1 / p); });
}

}  // namespace

Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim, double eps) {
  const absl::StatusOr<Shape> shape = broadcast_shapes(x1.shape(), x2.shape());
  if (!shape.ok()) raise_op_error("cosine_similarity", shape.status());
  const int64_t dims[] = {dim};
  const Tensor a = x1.expand(*shape), b = x2.expand(*shape);
  const Tensor lengths = clamp_min(length(a, 2, dim), eps) * clamp_min(length(b, 2, dim), eps);
  return sum(a * b / lengths, dims);
}

Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p, double eps, bool keepdim) {
  const Tensor distance = length(x1 - x2 + eps, p, -1);
  return keepdim ? distance : distance.squeeze(-1);
}

Tensor normalize(const Tensor& x, double p, int64_t dim, double eps) {
  return x / clamp_min(length(x, p, dim), eps);
}

}  // namespace tessera::nn::functional
