// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// TSR_OUT_OF_RANGE if an element of `index` is not in [0, size).
Result check_index(const char* op, const View& index, int64_t size) {
  Result result;
  for_each_index(index.shape(), [&](const Index& i) {
    const int64_t value = index.get<Integer>(i).value;
    if (result.code == TSR_OK && (value < 0 || value >= size)) {
      result = {TSR_OUT_OF_RANGE, std::string(op) + ": index " + std::to_string(value) +
                                      " is not in [0, " + std::to_string(size) + ")"};
    }
  });
  return result;
}

Result gather(const Call& call) {
  View x = call.in_1d(0), index = call.in_1d(1), y = call.out_1d(0);
  const int64_t dim = call.integer(0);
  if (Result r = check_index("gather", index, x.size(dim)); r.code != TSR_OK) return r;
  with_number(y.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) {
      y.set(i, x.get<N>(with(i, dim, index.get<Integer>(i).value)));
    });
  });
  return {};
}

Result index_select(const Call& call) {
  View x = call.in_1d(0), index = call.in_1d(1), y = call.out_1d(0);
  const int64_t dim = call.integer(0);
  if (Result r = check_index("index_select", index, x.size(dim)); r.code != TSR_OK) return r;
  with_number(y.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) {
      y.set(i, x.get<N>(with(i, dim, index.get<Integer>({i[dim]}).value)));
    });
  });
  return {};
}

// y = x, then y[target(i)] = combine(what is there, src[i]) for every i below `over`, in order.
// Computed apart from y, so that sums are rounded once.
template <class N>
void scatter_into(const View& x, const View& y, const Index& over, const View& src,
                  const std::function<Index(const Index&)>& target,
                  const std::function<N(N, N)>& combine) {
  std::vector<N> values = values_of<N>(x);
  for_each_index(over, [&](const Index& i) {
    N& value = values[flat(x.shape(), target(i))];
    value = combine(value, src.get<N>(i));
  });
  store_values(y, values);
}

template <bool Add>
Result scatter(const Call& call) {
  View x = call.in_1d(0), index = call.in_1d(1), src = call.in_1d(2), y = call.out_1d(0);
  const int64_t dim = call.integer(0);
  if (Result r = check_index(Add ? "scatter_add" : "scatter", index, x.size(dim));
      r.code != TSR_OK) {
    return r;
  }
  with_number(y.dtype(), [&]<class N>(N) {
    scatter_into<N>(
        x, y, index.shape(), src,
        [&](const Index& i) { return with(i, dim, index.get<Integer>(i).value); },
        [](N old, N value) { return Add ? old + value : value; });
  });
  return {};
}

Result index_add(const Call& call) {
  View x = call.in_1d(0), index = call.in_1d(1), src = call.in_1d(2), y = call.out_1d(0);
  const int64_t dim = call.integer(0);
  if (Result r = check_index("index_add", index, x.size(dim)); r.code != TSR_OK) return r;
  with_number(y.dtype(), [&]<class N>(N) {
    scatter_into<N>(
        x, y, src.shape(), src,
        [&](const Index& i) { return with(i, dim, index.get<Integer>({i[dim]}).value); },
        [](N old, N value) { return old + value; });
  });
  return {};
}

}  // namespace

Kernels gather_kernels() {
  return {{"gather", gather, 2, 2, 1, 1, 0},
          {"scatter", scatter<false>, 3, 3, 1, 1, 0},
          {"scatter_add", scatter<true>, 3, 3, 1, 1, 0},
          {"index_select", index_select, 2, 2, 1, 1, 0},
          {"index_add", index_add, 3, 3, 1, 1, 0}};
}

}  // namespace tessera::reference
