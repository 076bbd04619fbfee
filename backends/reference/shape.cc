// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

Result cat(const Call& call) {
  View y = call.out(0);
  const int64_t dim = call.integer(0);
  int64_t start = 0;
  for (int k = 0; k < call.n_inputs(); ++k) {
    View x = call.in(k);
    with_number(y.dtype(), [&]<class N>(N) {
      for_each_index(x.shape(),
                     [&](const Index& i) { y.set(with(i, dim, start + i[dim]), x.get<N>(i)); });
    });
    start += x.size(dim);
  }
  return {};
}

Result pad(const Call& call) {
  View x = call.in(0), value = call.in(1), y = call.out(0);
  if (call.n_integers() != 2 * x.rank()) return {TSR_UNIMPLEMENTED, "pad: number of attributes"};
  with_number(y.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) {
      Index from = i;
      bool inside = true;
      for (int k = 0; k < x.rank(); ++k) {
        from[k] -= call.integer(2 * k);
        inside = inside && 0 <= from[k] && from[k] < x.size(k);
      }
      y.set(i, inside ? x.get<N>(from) : value.get<N>({}));
    });
  });
  return {};
}

Result flip(const Call& call) {
  View x = call.in_1d(0), y = call.out_1d(0);
  with_number(y.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) {
      Index from = i;
      for (int k = 0; k < call.n_integers(); ++k) {
        const int64_t dim = call.integer(k);
        from[dim] = x.size(dim) - 1 - i[dim];
      }
      y.set(i, x.get<N>(from));
    });
  });
  return {};
}

}  // namespace

Kernels shape_kernels() {
  return {{"cat", cat, 1, kAny, 1, 1, 0},
          {"pad", pad, 2, 2, 1, kAny, 0},
          {"flip", flip, 1, 1, 1, kAny, 0}};
}

}  // namespace tessera::reference
