// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/vector_norm.h"

#include <cmath>
#include <limits>

#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera {
namespace {

// f(x) where x is not 0, else `at_zero` without a gradient: f need not have a slope at 0.
template <class F>
Tensor except_at_zero(const Tensor& x, double at_zero, F f) {
  Tensor is_zero = x == 0;
  return where(is_zero, at_zero, f(where(is_zero, 1, x)));
}

}  // namespace

Tensor norm(const Tensor& x, double p, Dims dims, bool keepdim) {
  check_floating("norm", x);
  if (std::isnan(p)) raise_invalid("norm", "p is nan");
  if (p == std::numeric_limits<double>::infinity()) return amax(abs(x), dims, keepdim);
  if (p == -std::numeric_limits<double>::infinity()) return amin(abs(x), dims, keepdim);
  if (p == 0) {  // sign's gradient is 0, and its value at nan
    return sum(where(isnan(x), 1, abs(sign(x))), dims, keepdim);
  }
  if (p == 1) return sum(abs(x), dims, keepdim);
  if (p == 2) {
    Tensor squares = sum(square(x), dims, keepdim);
    if (!squares.requires_grad()) return sqrt(squares);
    return except_at_zero(squares, 0, [](const Tensor& s) { return sqrt(s); });
  }
  const double inf = std::numeric_limits<double>::infinity();
  Tensor powers =
      except_at_zero(abs(x), p < 0 ? inf : 0, [p](const Tensor& a) { return pow(a, p); });
  return except_at_zero(sum(powers, dims, keepdim), p < 0 ? inf : 0,
                        [p](const Tensor& s) { return pow(s, 1 / p); });
}

Tensor Tensor::norm(double p, Dims dims, bool keepdim) const {
  return tessera::norm(*this, p, dims, keepdim);
}

}  // namespace tessera
