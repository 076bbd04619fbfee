// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "tessera/backends/cuda/compensated.h"
#include "tessera/backends/cuda/reduce.h"
#include "tessera/backends/cuda/reduce_launch.h"

namespace tessera::cuda {
namespace {

// ---- What is computed ---------------------------------------------------------------------------

template <class T>
struct SumOfFloats {
  using Acc = Compensated<float>;
  static __device__ __forceinline__ Acc identity() { return {0, 0}; }
  static __device__ __forceinline__ Acc from(T x, int64_t) { return {load(x), 0}; }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a + b; }
  template <class Out>
  static __device__ __forceinline__ Out result(Acc a) {
    return store<Out>(a.value());
  }
};

// What ops share whose elements are combined as they are.
template <class T>
struct Plain {
  using Acc = Computed<T>;
  static __device__ __forceinline__ Acc from(T x, int64_t) { return load(x); }
  template <class Out>
  static __device__ __forceinline__ Out result(Acc a) {
    return store<Out>(a);
  }
};

template <class T>
struct SumOfOthers : Plain<T> {
  using Acc = T;
  static __device__ __forceinline__ Acc identity() { return Acc(0); }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) {
    if constexpr (std::is_integral_v<Acc>) {
      using U = std::make_unsigned_t<Acc>;  // wraps
      return static_cast<Acc>(static_cast<U>(a) + static_cast<U>(b));
    } else {
      return a + b;
    }
  }
};

template <class T>
using Sum = std::conditional_t<std::is_same_v<Computed<T>, float>, SumOfFloats<T>, SumOfOthers<T>>;

template <class T>
struct Prod : Plain<T> {
  using Acc = Computed<T>;
  static __device__ __forceinline__ Acc identity() { return Acc(1); }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) {
    if constexpr (std::is_signed_v<Acc> && std::is_integral_v<Acc>) {
      using U = std::make_unsigned_t<Acc>;
      return static_cast<Acc>(static_cast<U>(a) * static_cast<U>(b));
    } else {
      return static_cast<Acc>(a * b);
    }
  }
};

// nan if either is nan.
template <class T>
struct Maximum : Plain<T> {
  using Acc = Computed<T>;
  static __device__ __forceinline__ Acc identity() {
    if constexpr (kIsFloating<T>) return -std::numeric_limits<Acc>::infinity();
    return std::numeric_limits<Acc>::lowest();
  }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a > b || a != a ? a : b; }
};

template <class T>
struct Minimum : Plain<T> {
  using Acc = Computed<T>;
  static __device__ __forceinline__ Acc identity() {
    if constexpr (kIsFloating<T>) return std::numeric_limits<Acc>::infinity();
    return std::numeric_limits<Acc>::max();
  }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a < b || a != a ? a : b; }
};

// ---- Nodes --------------------------------------------------------------------------------------

TsrStatus check_common(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& x = *node.inputs[0];
  for (uint32_t i = 1; i < node.n_ints; ++i) {
    if (node.ints[i] < 0 || node.ints[i] >= x.rank || (i > 1 && node.ints[i] <= node.ints[i - 1])) {
      return unsupported(node, "list of dims", message);
    }
  }
  return TSR_OK;
}

enum class Kind { kNumeric, kOrdered, kLogical };

template <Kind kind>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 1 || node.n_outputs != 1 || node.n_doubles != 0 || node.n_ints < 1) {
    return unsupported(node, "number of operands or attributes", message);
  }
  const uint32_t dtype = node.inputs[0]->dtype;
  if (node.outputs[0]->dtype != dtype || (kind == Kind::kNumeric && dtype == TSR_BOOL) ||
      (kind == Kind::kLogical && dtype != TSR_BOOL)) {
    return unsupported(node, "dtype", message);
  }
  return check_common(node, message);
}

std::span<const int64_t> dims_of(const TsrNode& node) { return {node.ints + 1, node.n_ints - 1}; }

template <template <class> class Op>
void run_numeric(Launcher& launcher, const TsrNode& node) {
  with_plan(launcher, *node.inputs[0], dims_of(node), [&](const void* x, const ReducePlan& plan) {
    with_numeric(node.inputs[0]->dtype, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      reduce<Op<T>, T, T>(launcher, x, node.outputs[0]->data, plan);
    });
  });
}

// Bools are numbers 0 and 1.
template <template <class> class Op>
void run_ordered(Launcher& launcher, const TsrNode& node) {
  if (node.inputs[0]->dtype != TSR_BOOL) return run_numeric<Op>(launcher, node);
  with_plan(launcher, *node.inputs[0], dims_of(node), [&](const void* x, const ReducePlan& plan) {
    reduce<Op<uint8_t>, uint8_t, uint8_t>(launcher, x, node.outputs[0]->data, plan);
  });
}

// False for no elements.
struct Any : Plain<uint8_t> {
  static __device__ __forceinline__ Acc identity() { return 0; }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a | b; }
};
struct All : Plain<uint8_t> {
  static __device__ __forceinline__ Acc identity() { return 1; }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) { return a & b; }
};

template <class Op>
void run_logical(Launcher& launcher, const TsrNode& node) {
  with_plan(launcher, *node.inputs[0], dims_of(node), [&](const void* x, const ReducePlan& plan) {
    reduce<Op, uint8_t, uint8_t>(launcher, x, node.outputs[0]->data, plan);
  });
}

}  // namespace

std::span<const KernelEntry> reduce_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"sum", make_kernel<check<Kind::kNumeric>, run_numeric<Sum>>()},
      {"prod", make_kernel<check<Kind::kNumeric>, run_numeric<Prod>>()},
      {"amax", make_kernel<check<Kind::kOrdered>, run_ordered<Maximum>>()},
      {"amin", make_kernel<check<Kind::kOrdered>, run_ordered<Minimum>>()},
      {"any", make_kernel<check<Kind::kLogical>, run_logical<Any>>()},
      {"all", make_kernel<check<Kind::kLogical>, run_logical<All>>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
