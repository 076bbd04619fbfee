// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/arg_extreme.h"
#include "tessera/backends/cuda/reduce_launch.h"

namespace tessera::cuda {
namespace {

// An element and where it is; below 0: none.
template <class T>
struct Found {
  Computed<T> value;
  int64_t index;
};

// The first greatest, or least, element; the first nan if there is one.
template <class T, bool greatest>
struct ArgExtreme {
  using Acc = Found<T>;
  static __device__ __forceinline__ Acc identity() { return {Computed<T>(0), -1}; }
  static __device__ __forceinline__ Acc from(T x, int64_t i) { return {load(x), i}; }
  static __device__ __forceinline__ Acc combine(Acc a, Acc b) {
    if (a.index < 0 || b.index < 0) return a.index < 0 ? b : a;
    const bool a_nan = a.value != a.value, b_nan = b.value != b.value;
    if (a_nan != b_nan) return a_nan ? a : b;
    if (!a_nan && a.value != b.value) return (a.value > b.value) == greatest ? a : b;
    return a.index < b.index ? a : b;
  }
  template <class Out>
  static __device__ __forceinline__ Out result(Acc a) {
    return a.index;
  }
};

TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  if (node.inputs[0]->dtype == TSR_BOOL || node.outputs[0]->dtype != TSR_INT64) {
    return unsupported(node, "dtype", message);
  }
  return TSR_OK;
}

template <bool greatest>
void run(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& x = *node.inputs[0];
  with_plan(launcher, x, {node.ints + 1, 1}, [&](const void* data, const ReducePlan& plan) {
    with_numeric(x.dtype, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      reduce<ArgExtreme<T, greatest>, T, int64_t>(launcher, data, node.outputs[0]->data, plan);
    });
  });
}

}  // namespace

std::span<const KernelEntry> arg_extreme_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"argmax", make_kernel<check, run<true>>()},
      {"argmin", make_kernel<check, run<false>>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
