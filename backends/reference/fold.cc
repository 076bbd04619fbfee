// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// g (B.., o_1..o_n, k_1..k_n), y (B.., s_1..s_n)
Result fold_windows(const Call& call) {
  View g = call.in(0), y = call.out(0);
  const int n = static_cast<int>(call.integer(0));
  if (call.n_integers() != 1 + 4 * n) return {TSR_UNIMPLEMENTED, "fold_windows: attributes"};
  const int batch = g.rank() - 2 * n;
  auto stride = [&](int k) { return call.integer(1 + 2 * n + k); };
  auto dilation = [&](int k) { return call.integer(1 + 3 * n + k); };
  with_number(y.dtype(), [&]<class N>(N) {
    std::vector<N> sums(y.numel(), N(0));
    for_each_index(g.shape(), [&](const Index& i) {
      Index to(i.begin(), i.begin() + batch);
      for (int k = 0; k < n; ++k) {
        to.push_back(i[batch + k] * stride(k) + i[batch + n + k] * dilation(k));
      }
      N& sum = sums[flat(y.shape(), to)];
      sum = sum + g.get<N>(i);
    });
    store_values(y, sums);
  });
  return {};
}

}  // namespace

Kernels fold_kernels() { return {{"fold_windows", fold_windows, 1, 1, 1, kAny, 0}}; }

}  // namespace tessera::reference
