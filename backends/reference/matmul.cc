// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// y[b, m, n] = the sum over k of a[b, m, k] * b[b, k, n]; all row-major.
template <class N>
std::vector<N> product(const std::vector<N>& a, const std::vector<N>& b, int64_t batch, int64_t m,
                       int64_t n, int64_t depth) {
  std::vector<N> y;
  y.reserve(batch * m * n);
  for (int64_t z = 0; z < batch; ++z) {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        N sum(0);
        for (int64_t k = 0; k < depth; ++k) {
          sum = sum + a[(z * m + i) * depth + k] * b[(z * depth + k) * n + j];
        }
        y.push_back(sum);
      }
    }
  }
  return y;
}

// a (B.., M, K), b (B.., K, N), y (B.., M, N)
Result matmul(const Call& call) {
  View a = call.in(0), b = call.in(1), y = call.out(0);
  const int64_t m = y.size(y.rank() - 2), n = y.size(y.rank() - 1), k = a.size(a.rank() - 1);
  const int64_t batch = m * n == 0 ? 0 : y.numel() / (m * n);
  with_number(y.dtype(), [&]<class N>(N) {
    store_values(y, product(values_of<N>(a), values_of<N>(b), batch, m, n, k));
  });
  return {};
}

// x (B.., K), w (N, K), b (N), y (B.., N)
Result linear(const Call& call) {
  View x = call.in(0), w = call.in(1), y = call.out(0);
  const int64_t n = w.size(0), depth = w.size(1);
  const std::vector<Real> xs = values_of<Real>(x), ws = values_of<Real>(w);
  const std::vector<Real> bs =
      call.n_inputs() == 3 ? values_of<Real>(call.in(2)) : std::vector<Real>(n, Real(0));
  std::vector<Real> ys;
  for (int64_t i = 0; i < y.numel(); ++i) {
    const int64_t row = i / n, column = i % n;
    Real sum = bs[column];
    for (int64_t k = 0; k < depth; ++k) sum = sum + xs[row * depth + k] * ws[column * depth + k];
    ys.push_back(sum);
  }
  store_values(y, ys);
  return {};
}

}  // namespace

Kernels matmul_kernels() {
  return {{"matmul", matmul, 2, 2, 1, 0, 0}, {"linear", linear, 2, 3, 1, 0, 0}};
}

}  // namespace tessera::reference
