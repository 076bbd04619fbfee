// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// Calls f(start) for the first index of every line of `shape` along `dim`.
void for_each_line(const Index& shape, int64_t dim, const std::function<void(const Index&)>& f) {
  for_each_index(with(shape, dim, std::min<int64_t>(shape[dim], 1)), f);
}

template <bool Log>
Result softmax(const Call& call) {
  View x = call.in_1d(0), y = call.out_1d(0);
  const int64_t dim = call.integer(0), n = x.size(dim);
  for_each_line(x.shape(), dim, [&](const Index& start) {
    auto at = [&](int64_t k) { return x.get<Real>(with(start, dim, k)).value; };
    double largest = at(0), sum = 0;
    for (int64_t k = 1; k < n; ++k) largest = std::max(largest, at(k));
    for (int64_t k = 0; k < n; ++k) sum += std::exp(at(k) - largest);
    for (int64_t k = 0; k < n; ++k) {
      const double shifted = at(k) - largest;
      y.set(with(start, dim, k), Real(Log ? shifted - std::log(sum) : std::exp(shifted) / sum));
    }
  });
  return {};
}

// softmax: y (g - sum(g y)); log_softmax: g - exp(y) sum(g)
template <bool Log>
Result softmax_backward(const Call& call) {
  View g = call.in_1d(0), y = call.in_1d(1), gx = call.out_1d(0);
  const int64_t dim = call.integer(0);
  for_each_line(g.shape(), dim, [&](const Index& start) {
    double sum = 0;
    for (int64_t k = 0; k < g.size(dim); ++k) {
      const Index i = with(start, dim, k);
      sum += g.get<Real>(i).value * (Log ? 1.0 : y.get<Real>(i).value);
    }
    for (int64_t k = 0; k < g.size(dim); ++k) {
      const Index i = with(start, dim, k);
      const double gv = g.get<Real>(i).value, yv = y.get<Real>(i).value;
      gx.set(i, Real(Log ? gv - std::exp(yv) * sum : yv * (gv - sum)));
    }
  });
  return {};
}

}  // namespace

Kernels softmax_kernels() {
  return {{"softmax", softmax<false>, 1, 1, 1, 1, 0},
          {"log_softmax", softmax<true>, 1, 1, 1, 1, 0},
          {"softmax_backward", softmax_backward<false>, 2, 2, 1, 1, 0},
          {"log_softmax_backward", softmax_backward<true>, 2, 2, 1, 1, 0}};
}

}  // namespace tessera::reference
