// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// A strict order in which nan is greatest.
template <class N>
bool less(N a, N b) {
  if (a != a) return false;
  return b != b || a < b;
}

// Writes the first values.size(dim) elements of every line of x along dim, sorted, and where they
// were. Equal elements keep their order.
Result sort_lines(const View& x, const View& values, const View& indices, int64_t dim,
                  bool descending) {
  with_number(x.dtype(), [&]<class N>(N) {
    for_each_index(with(values.shape(), dim, 1), [&](const Index& start) {
      std::vector<std::pair<N, int64_t>> line;
      for (int64_t k = 0; k < x.size(dim); ++k) line.push_back({x.get<N>(with(start, dim, k)), k});
      std::stable_sort(line.begin(), line.end(), [&](const auto& a, const auto& b) {
        return descending ? less(b.first, a.first) : less(a.first, b.first);
      });
      for (int64_t k = 0; k < values.size(dim); ++k) {
        values.set(with(start, dim, k), line[k].first);
        indices.set(with(start, dim, k), Integer(line[k].second));
      }
    });
  });
  return {};
}

Result sort(const Call& call) {
  return sort_lines(call.in_1d(0), call.out_1d(0), call.out_1d(1), call.integer(0),
                    call.integer(1) != 0);
}

// Attributes: k, dim, largest, sorted. Sorted whatever `sorted` says.
Result topk(const Call& call) {
  return sort_lines(call.in_1d(0), call.out_1d(0), call.out_1d(1), call.integer(1),
                    call.integer(2) != 0);
}

}  // namespace

Kernels sort_kernels() { return {{"sort", sort, 1, 1, 2, 2, 0}, {"topk", topk, 1, 1, 2, 4, 0}}; }

}  // namespace tessera::reference
