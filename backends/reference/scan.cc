// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/elementwise/ops.h"
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

template <class Op>
Result scan(const Call& call) {
  View x = call.in_1d(0), y = call.out_1d(0);
  const int64_t dim = call.integer(0);
  with_number(x.dtype(), [&]<class N>(N) {
    for_each_index(with(x.shape(), dim, x.size(dim) == 0 ? 0 : 1), [&](const Index& start) {
      N value = x.get<N>(start);
      y.set(start, value);
      for (int64_t k = 1; k < x.size(dim); ++k) {
        const Index i = with(start, dim, k);
        value = Op::apply(value, x.get<N>(i));
        y.set(i, value);
      }
    });
  });
  return {};
}

}  // namespace

Kernels scan_kernels() {
  return {{"cumsum", scan<elementwise::Add>, 1, 1, 1, 1, 0},
          {"cumprod", scan<elementwise::Mul>, 1, 1, 1, 1, 0}};
}

}  // namespace tessera::reference
