// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/fold.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 256;
constexpr uint32_t kMaxDims = 4;

struct Windows {
  uint32_t dims = 0;
  int64_t sizes[kMaxDims], kernel[kMaxDims], stride[kMaxDims], dilation[kMaxDims];
  int64_t places[kMaxDims];  // of windows along a dim
  int64_t kernel_count = 1, place_count = 1;
};

// g (B, places.., kernel..) dense, y (B, sizes..): each element of y gathers from the windows that
// have it, in the order of their elements.
template <class T>
__global__ void __launch_bounds__(kThreads) fold_kernel(const T* g, T* y, int64_t n, Windows w) {
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < n;
       i += int64_t{gridDim.x} * kThreads) {
    int64_t at[kMaxDims], rest = i;
    for (int d = static_cast<int>(w.dims) - 1; d >= 0; --d) {
      at[d] = rest % w.sizes[d];
      rest /= w.sizes[d];
    }
    const T* const batch = g + rest * w.place_count * w.kernel_count;
    Computed<T> sum = 0;
    for (int64_t k = 0; k < w.kernel_count; ++k) {
      int64_t k_rest = k, place = 0, unit = 1;
      bool covered = true;
      for (int d = static_cast<int>(w.dims) - 1; d >= 0 && covered; --d) {
        const int64_t start = at[d] - k_rest % w.kernel[d] * w.dilation[d];
        k_rest /= w.kernel[d];
        covered = start >= 0 && start % w.stride[d] == 0 && start / w.stride[d] < w.places[d];
        place += start / w.stride[d] * unit;
        unit *= w.places[d];
      }
      if (!covered) continue;
      const Computed<T> value = load(batch[place * w.kernel_count + k]);
      if constexpr (std::is_integral_v<T>) {
        using U = std::make_unsigned_t<T>;  // wraps
        sum = static_cast<T>(static_cast<U>(sum) + static_cast<U>(value));
      } else {
        sum += value;
      }
    }
    y[i] = store<T>(sum);
  }
}

TsrStatus check(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 1 || node.n_outputs != 1 || node.n_doubles != 0 || node.n_ints < 1 ||
      node.ints[0] < 0 || node.ints[0] > kMaxDims || node.n_ints != 1 + 4 * node.ints[0]) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor &g = *node.inputs[0], &y = *node.outputs[0];
  if (g.dtype != y.dtype || g.dtype == TSR_BOOL) return unsupported(node, "dtype", message);
  if (g.rank != y.rank + node.ints[0]) return unsupported(node, "rank", message);
  return TSR_OK;
}

void run(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &y = *node.outputs[0];
  const int64_t n = element_count(y);
  if (n == 0) return;
  Windows w;
  w.dims = static_cast<uint32_t>(node.ints[0]);
  const int64_t* ints = node.ints + 1;
  for (int64_t* list : {w.sizes, w.kernel, w.stride, w.dilation}) {
    std::copy_n(ints, w.dims, list);
    ints += w.dims;
  }
  for (uint32_t d = 0; d < w.dims; ++d) {
    w.places[d] = g.shape[g.rank - 2 * w.dims + d];
    w.place_count *= w.places[d];
    w.kernel_count *= w.kernel[d];
  }
  const void* dense = dense_elements(launcher, g);
  with_numeric(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launcher.launch(fold_kernel<T>, launcher.blocks_for(n, kThreads), kThreads,
                    static_cast<const T*>(dense), data_of<T>(y), n, w);
  });
}

}  // namespace

std::span<const KernelEntry> fold_kernels() {
  static constexpr KernelEntry kKernels[] = {{"fold_windows", make_kernel<check, run>()}};
  return kKernels;
}

}  // namespace tessera::cuda
