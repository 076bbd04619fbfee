// SPDX-License-Identifier: Apache-2.0
//
// A thread for each line. Half types are summed in float32 and rounded at each store.
#include <algorithm>

#include "tessera/backends/cuda/compensated.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/scan.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 128;

template <class Acc, bool product>
__device__ __forceinline__ Acc step(Acc a, Acc b) {
  if constexpr (std::is_integral_v<Acc>) {
    using U = std::conditional_t<(sizeof(Acc) < 4), uint32_t, std::make_unsigned_t<Acc>>;  // wraps
    const U left = static_cast<U>(a), right = static_cast<U>(b);
    return static_cast<Acc>(product ? left * right : left + right);
  } else {
    return product ? a * b : a + b;
  }
}

// part: of (x, y), without the dim
template <class T, bool product>
__global__ void __launch_bounds__(kThreads)
    scan_kernel(const T* x, T* y, StridedPart<2> part, int64_t length, int64_t x_step,
                int64_t y_step) {
  for (uint64_t i = uint64_t{blockIdx.x} * kThreads + threadIdx.x; i < part.count;
       i += uint64_t{gridDim.x} * kThreads) {
    int64_t at[2];
    part.offsets_of(static_cast<uint32_t>(i), at);
    Computed<T> acc = product ? 1 : 0;
    Compensated<Computed<T>> sum = {0, 0};
    for (int64_t k = 0; k < length; ++k) {
      const Computed<T> value = load(x[at[0] + k * x_step]);
      if constexpr (!product && kIsFloating<T>) {
        sum = sum + value;
        y[at[1] + k * y_step] = store<T>(sum.value());
      } else {
        acc = step<Computed<T>, product>(acc, value);
        y[at[1] + k * y_step] = store<T>(acc);
      }
    }
  }
}

TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& x = *node.inputs[0];
  if (x.dtype == TSR_BOOL || node.outputs[0]->dtype != x.dtype) {
    return unsupported(node, "dtype", message);
  }
  if (node.ints[0] < 0 || node.ints[0] >= std::max<int64_t>(1, x.rank)) {
    return unsupported(node, "dim", message);
  }
  return TSR_OK;
}

template <bool product>
void run(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  const uint32_t dim = static_cast<uint32_t>(node.ints[0]);
  int64_t length = 1, x_step = 0, y_step = 0, shape[kMaxRank];
  std::copy_n(y.shape, y.rank, shape);
  if (y.rank > 0) {
    length = y.shape[dim];
    x_step = x.strides[dim];
    y_step = y.strides[dim];
    shape[dim] = length > 0 ? 1 : 0;
  }
  TsrTensor lines = y;
  lines.shape = shape;
  StridedLoop<2>(lines, {&x, &y}).for_each_part([&](const StridedPart<2>& part) {
    with_numeric(y.dtype, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      launcher.launch(scan_kernel<T, product>, launcher.blocks_for(part.count, kThreads), kThreads,
                      data_of<T>(x), data_of<T>(y), part, length, x_step, y_step);
    });
  });
}

}  // namespace

std::span<const KernelEntry> scan_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"cumsum", make_kernel<check, run<false>>()},
      {"cumprod", make_kernel<check, run<true>>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
