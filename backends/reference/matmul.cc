// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// a (B.., M, K), b (B.., K, N), y (B.., M, N)
Result matmul(const Call& call) {
  View a = call.in(0), b = call.in(1), y = call.out(0);
  const int row = y.rank() - 2, column = y.rank() - 1;
  with_number(y.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) {
      N sum(0);
      for (int64_t k = 0; k < a.size(column); ++k) {
        sum = sum + a.get<N>(with(i, column, k)) * b.get<N>(with(i, row, k));
      }
      y.set(i, sum);
    });
  });
  return {};
}

// x (B.., K), w (N, K), b (N), y (B.., N)
Result linear(const Call& call) {
  View x = call.in(0), w = call.in(1), y = call.out(0);
  const int last = y.rank() - 1;
  for_each_index(y.shape(), [&](const Index& i) {
    Real sum = call.n_inputs() == 3 ? call.in(2).get<Real>({i[last]}) : Real(0);
    for (int64_t k = 0; k < w.size(1); ++k) {
      sum = sum + x.get<Real>(with(i, last, k)) * w.get<Real>({i[last], k});
    }
    y.set(i, sum);
  });
  return {};
}

}  // namespace

Kernels matmul_kernels() {
  return {{"matmul", matmul, 2, 2, 1, 0, 0}, {"linear", linear, 2, 3, 1, 0, 0}};
}

}  // namespace tessera::reference
