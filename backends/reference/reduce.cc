// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/elementwise/ops.h"
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// Reduces x to y. Attributes: keepdim, dims...
template <class Step>
Result reduce(const Call& call) {
  View x = call.in_1d(0), y = call.out(0);
  const bool keepdim = call.integer(0) != 0;
  std::vector<bool> reduced(x.rank(), false);
  for (int k = 1; k < call.n_integers(); ++k) reduced[call.integer(k)] = true;
  with_number(x.dtype(), [&]<class N>(N) {
    std::vector<N> values(y.numel(), N(Step::kInitial));
    std::vector<bool> begun(y.numel(), false);
    for_each_index(x.shape(), [&](const Index& i) {
      Index to;
      for (int k = 0; k < x.rank(); ++k) {
        if (!reduced[k]) to.push_back(i[k]);
        if (reduced[k] && keepdim) to.push_back(0);
      }
      const int64_t place = flat(y.shape(), to);
      N value = x.get<N>(i);
      values[place] = begun[place] || !Step::kFromFirst ? Step::apply(values[place], value) : value;
      begun[place] = true;
    });
    store_values(y, values);
  });
  return {};
}

template <class Op, int kStart, bool kFirst>
struct Step : Op {
  static constexpr int kInitial = kStart;     // the result for no elements
  static constexpr bool kFromFirst = kFirst;  // starts with the first element instead
};

// The first extreme; nan is one. Attributes: keepdim, dim.
template <class Better>
Result arg_extreme(const Call& call) {
  View x = call.in_1d(0), y = call.out(0);
  const int64_t dim = call.integer(1);
  with_number(x.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) {
      Index at = static_cast<int>(i.size()) == x.rank() ? i : inserted(i, dim, 0);
      int64_t best = 0;
      for (int64_t k = 1; k < x.size(dim); ++k) {
        N old = x.get<N>(with(at, dim, best)), value = x.get<N>(with(at, dim, k));
        const bool is_nan = value != value, was_nan = old != old;
        if (!was_nan && (is_nan || Better::apply(value, old))) best = k;
      }
      y.set(i, Integer(best));
    });
  });
  return {};
}

}  // namespace

Kernels reduce_kernels() {
  using namespace elementwise;  // NOLINT: the structs of ops.inc
  return {{"sum", reduce<Step<Add, 0, false>>, 1, 1, 1, kAny, 0},
          {"prod", reduce<Step<Mul, 1, false>>, 1, 1, 1, kAny, 0},
          {"amax", reduce<Step<Maximum, 0, true>>, 1, 1, 1, kAny, 0},
          {"amin", reduce<Step<Minimum, 0, true>>, 1, 1, 1, kAny, 0},
          {"any", reduce<Step<Maximum, 0, false>>, 1, 1, 1, kAny, 0},
          {"all", reduce<Step<Minimum, 1, false>>, 1, 1, 1, kAny, 0},
          {"argmax", arg_extreme<Gt>, 1, 1, 1, 2, 0},
          {"argmin", arg_extreme<Lt>, 1, 1, 1, 2, 0}};
}

}  // namespace tessera::reference
