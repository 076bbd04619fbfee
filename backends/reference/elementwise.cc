// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/elementwise/ops.h"
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

using elementwise::Domain;

// Calls f(Real()) or f(Integer()) if that is in the domain.
template <Domain kDomain, class F>
Result in_domain(uint32_t dtype, F f) {
  if constexpr (kDomain != Domain::kInteger) {
    if (is_floating(dtype)) {
      f(Real(0));
      return {};
    }
  }
  if constexpr (kDomain != Domain::kFloating) {
    if (!is_floating(dtype) && dtype != TSR_BOOL) {
      f(Integer(0));
      return {};
    }
  }
  return {TSR_UNIMPLEMENTED, "dtype"};
}

template <class Op, Domain kDomain>
Result unary(const Call& call) {
  View x = call.in(0), y = call.out(0);
  return in_domain<kDomain>(x.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) { y.set(i, Op::apply(x.get<N>(i))); });
  });
}

template <class Op, Domain kDomain>
Result binary(const Call& call) {
  View a = call.in(0), b = call.in(1), y = call.out(0);
  return in_domain<kDomain>(a.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(),
                   [&](const Index& i) { y.set(i, Op::apply(a.get<N>(i), b.get<N>(i))); });
  });
}

template <class Op, Domain kDomain>
Result ternary(const Call& call) {
  View a = call.in(0), b = call.in(1), c = call.in(2), y = call.out(0);
  return in_domain<kDomain>(a.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) {
      y.set(i, Op::apply(a.get<N>(i), b.get<N>(i), c.get<N>(i)));
    });
  });
}

template <class Op>
Result compare(const Call& call) {
  View a = call.in(0), b = call.in(1), y = call.out(0);
  with_number(a.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(),
                   [&](const Index& i) { y.set(i, Op::apply(a.get<N>(i), b.get<N>(i))); });
  });
  return {};
}

bool truth(const View& x, const Index& i) { return x.get<Integer>(i) != Integer(0); }

template <class Op>
Result logical(const Call& call) {
  View a = call.in(0), b = call.in(1), y = call.out(0);
  for_each_index(y.shape(), [&](const Index& i) { y.set(i, Op::apply(truth(a, i), truth(b, i))); });
  return {};
}

Result logical_not(const Call& call) {
  View a = call.in(0), y = call.out(0);
  for_each_index(y.shape(), [&](const Index& i) { y.set(i, !truth(a, i)); });
  return {};
}

Result where(const Call& call) {
  View condition = call.in(0), a = call.in(1), b = call.in(2), y = call.out(0);
  with_number(y.dtype(), [&]<class N>(N) {
    for_each_index(y.shape(), [&](const Index& i) {
      y.set(i, truth(condition, i) ? a.get<N>(i) : b.get<N>(i));
    });
  });
  return {};
}

// floor_divide and trunc_divide have one struct for floating dtypes and one for integers.
template <class Floating, class Whole>
Result either(const Call& call) {
  return is_floating(call.in(0).dtype()) ? binary<Floating, Domain::kFloating>(call)
                                         : binary<Whole, Domain::kInteger>(call);
}

}  // namespace

Kernels elementwise_kernels() {
  using namespace elementwise;  // NOLINT: the structs that the lists name
  Kernels kernels = {
      {"where", where, 3, 3, 1, 0, 0},
      {"logical_not", logical_not, 1, 1, 1, 0, 0},
      {"floor_divide", either<FloorDivide, FloorDivideInteger>, 2, 2, 1, 0, 0},
      {"trunc_divide", either<TruncDivide, TruncDivideInteger>, 2, 2, 1, 0, 0},
  };
#define TESSERA_KERNEL(Type, name, domain) \
  kernels.push_back({#name, unary<Type, Domain::domain>, 1, 1, 1, 0, 0});
  TESSERA_UNARY_OPS(TESSERA_KERNEL)
  TESSERA_PREDICATE_OPS(TESSERA_KERNEL)
#undef TESSERA_KERNEL
#define TESSERA_KERNEL(Type, name, domain) \
  kernels.push_back({#name, binary<Type, Domain::domain>, 2, 2, 1, 0, 0});
  TESSERA_BINARY_OPS(TESSERA_KERNEL)
#undef TESSERA_KERNEL
#define TESSERA_KERNEL(Type, name, domain) \
  kernels.push_back({#name, ternary<Type, Domain::domain>, 3, 3, 1, 0, 0});
  TESSERA_TERNARY_OPS(TESSERA_KERNEL)
#undef TESSERA_KERNEL
#define TESSERA_KERNEL(Type, name) kernels.push_back({#name, compare<Type>, 2, 2, 1, 0, 0});
  TESSERA_COMPARE_OPS(TESSERA_KERNEL)
#undef TESSERA_KERNEL
#define TESSERA_KERNEL(Type, name) kernels.push_back({#name, logical<Type>, 2, 2, 1, 0, 0});
  TESSERA_LOGICAL_OPS(TESSERA_KERNEL)
#undef TESSERA_KERNEL
  return kernels;
}

}  // namespace tessera::reference
