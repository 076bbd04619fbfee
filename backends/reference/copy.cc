// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

Result copy(const Call& call) {
  View x = call.in(0), y = call.out(0);
  with_number(x.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) { y.set(i, x.get<N>(i)); });
  });
  return {};
}

Result arange(const Call& call) {
  View start = call.in(0), step = call.in(1), y = call.out(0);
  with_number(y.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(),
                   [&](const Index& i) { y.set(i, start.get<N>({}) + N(i[0]) * step.get<N>({})); });
  });
  return {};
}

}  // namespace

Kernels copy_kernels() {
  return {{"copy", copy, 1, 1, 1, 0, 0}, {"arange", arange, 2, 2, 1, 0, 0}};
}

}  // namespace tessera::reference
