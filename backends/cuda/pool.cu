// SPDX-License-Identifier: Apache-2.0
//
// x (planes, h, w), y (planes, oh, ow), planes = N * C. A thread has one element of the output. The
// gradient of the maximum is gathered: each element of gx looks at the windows that it is in, whose
// maxima a first kernel has found, so that nothing is added by two threads.
#include <cmath>
#include <limits>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/pool.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 256;

// One of the two dims. Output o is over the inputs o * stride - pad + k * dilation, k < kernel.
struct Axis {
  int32_t size, count;  // of inputs and outputs
  int32_t kernel, stride, pad, dilation;
  Divisor by_size, by_count, by_stride;

  Axis(int64_t in, int64_t out, int64_t k, int64_t s, int64_t p, int64_t d)
      : size(static_cast<int32_t>(in)),
        count(static_cast<int32_t>(out)),
        kernel(static_cast<int32_t>(k)),
        stride(static_cast<int32_t>(s)),
        pad(static_cast<int32_t>(p)),
        dilation(static_cast<int32_t>(d)),
        by_size(static_cast<uint32_t>(size)),
        by_count(static_cast<uint32_t>(count)),
        by_stride(static_cast<uint32_t>(stride)) {}

  __device__ __forceinline__ int32_t input(int32_t o, int32_t k) const {
    return o * stride - pad + k * dilation;
  }
  __device__ __forceinline__ bool has(int32_t i) const { return i >= 0 && i < size; }
  // The output whose element k is input i, or -1.
  __device__ __forceinline__ int32_t output(int32_t i, int32_t k) const {
    const int32_t from = i + pad - k * dilation;
    if (from < 0) return -1;
    const int32_t o = static_cast<int32_t>(by_stride.quotient(static_cast<uint32_t>(from)));
    return o * stride == from && o < count ? o : -1;
  }
};

struct Pool {
  Axis h, w;
};

struct Place {
  uint32_t plane;
  int32_t y, x;
};
__device__ __forceinline__ Place place_of(uint32_t i, const Divisor& by_h, const Divisor& by_w) {
  const uint32_t line = by_w.quotient(i), plane = by_h.quotient(line);
  return {plane, static_cast<int32_t>(line - plane * by_h.divisor),
          static_cast<int32_t>(i - line * by_w.divisor)};
}

// The offset in its plane of the first maximum of a window, nan being greatest; -1 if the window is
// all padding.
template <class T>
__device__ __forceinline__ int32_t maximum(const T* plane, const Pool& p, int32_t oy, int32_t ox,
                                           Computed<T>* value) {
  int32_t best = -1;
  *value = -std::numeric_limits<Computed<T>>::infinity();
  for (int32_t ky = 0; ky < p.h.kernel; ++ky) {
    const int32_t y = p.h.input(oy, ky);
    if (!p.h.has(y)) continue;
    for (int32_t kx = 0; kx < p.w.kernel; ++kx) {
      const int32_t x = p.w.input(ox, kx);
      if (!p.w.has(x)) continue;
      const Computed<T> v = load(plane[y * p.w.size + x]);
      if (best < 0 || (*value == *value && (v != v || v > *value))) {
        best = y * p.w.size + x;
        *value = v;
      }
    }
  }
  return best;
}

// x -> y, or if that is null the offsets of the maxima
template <class T>
__global__ void __launch_bounds__(kThreads)
    max_pool_kernel(const T* x, T* y, int32_t* maxima, uint32_t count, Pool p) {
  for (uint64_t i = uint64_t{blockIdx.x} * kThreads + threadIdx.x; i < count;
       i += uint64_t{gridDim.x} * kThreads) {
    const Place at = place_of(static_cast<uint32_t>(i), p.h.by_count, p.w.by_count);
    Computed<T> value;
    const int32_t best =
        maximum(x + int64_t{at.plane} * p.h.size * p.w.size, p, at.y, at.x, &value);
    if (y != nullptr) {
      y[i] = store<T>(value);
    } else {
      maxima[i] = best;
    }
  }
}

// g, maxima (planes, oh, ow) -> gx (planes, h, w)
template <class T>
__global__ void __launch_bounds__(kThreads)
    max_pool_backward_kernel(const T* g, const int32_t* maxima, T* gx, uint32_t count, Pool p) {
  for (uint64_t i = uint64_t{blockIdx.x} * kThreads + threadIdx.x; i < count;
       i += uint64_t{gridDim.x} * kThreads) {
    const Place at = place_of(static_cast<uint32_t>(i), p.h.by_size, p.w.by_size);
    const int32_t own = at.y * p.w.size + at.x;
    const int64_t first = int64_t{at.plane} * p.h.count * p.w.count;
    Computed<T> sum = 0;
    for (int32_t ky = p.h.kernel; ky-- > 0;) {
      const int32_t oy = p.h.output(at.y, ky);
      if (oy < 0) continue;
      for (int32_t kx = p.w.kernel; kx-- > 0;) {
        const int32_t ox = p.w.output(at.x, kx);
        if (ox < 0) continue;
        const int64_t o = first + oy * p.w.count + ox;
        if (maxima[o] == own) sum += load(g[o]);
      }
    }
    gx[i] = store<T>(sum);
  }
}

// divisor: 0 for the number of elements, with padding or without
template <class T>
__global__ void __launch_bounds__(kThreads)
    avg_pool_kernel(const T* x, T* y, uint32_t count, Pool p, bool count_padding, int64_t divisor) {
  using Real = Computed<T>;
  for (uint64_t i = uint64_t{blockIdx.x} * kThreads + threadIdx.x; i < count;
       i += uint64_t{gridDim.x} * kThreads) {
    const Place at = place_of(static_cast<uint32_t>(i), p.h.by_count, p.w.by_count);
    const T* const plane = x + int64_t{at.plane} * p.h.size * p.w.size;
    Real sum = 0;
    int32_t inside = 0, padded = 0;
    for (int32_t ky = 0; ky < p.h.kernel; ++ky) {
      const int32_t yy = p.h.input(at.y, ky);
      for (int32_t kx = 0; kx < p.w.kernel; ++kx) {
        const int32_t xx = p.w.input(at.x, kx);
        // What a window has beyond the padding, in ceil_mode, does not count.
        padded += yy < p.h.size + p.h.pad && xx < p.w.size + p.w.pad;
        if (!p.h.has(yy) || !p.w.has(xx)) continue;
        ++inside;
        sum += load(plane[yy * p.w.size + xx]);
      }
    }
    const Real by = divisor != 0 ? static_cast<Real>(divisor)
                                 : static_cast<Real>(count_padding ? padded : inside);
    y[i] = store<T>(sum / by);
  }
}

bool fits(const TsrTensor& t) { return element_count(t) <= std::numeric_limits<int32_t>::max(); }

// max_pool2d: x -> y; max_pool2d_backward: g, x -> gx; avg_pool2d: x -> y
template <uint32_t inputs>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 9, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  bool known = plugin::is_floating(y.dtype) && y.rank == 4;
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == y.dtype && node.inputs[i]->rank == 4;
  }
  if (!known) return unsupported(node, "combination of dtypes and ranks", message);
  // Elements are counted in 31 bits.
  const TsrTensor& x = *node.inputs[inputs - 1];
  return fits(x) && fits(y) ? TSR_OK : unsupported(node, "number of elements", message);
}

Pool max_pool_of(const TsrNode& node, const TsrTensor& x, const TsrTensor& y) {
  const int64_t* a = node.ints;
  return {{x.shape[2], y.shape[2], a[0], a[2], a[4], a[6]},
          {x.shape[3], y.shape[3], a[1], a[3], a[5], a[7]}};
}

void run_max_pool(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  const uint32_t count = static_cast<uint32_t>(element_count(y));
  if (count == 0) return;
  const void* data = dense_elements(launcher, x);
  with_floating(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launcher.launch(max_pool_kernel<T>, launcher.blocks_for(count, kThreads), kThreads,
                    static_cast<const T*>(data), data_of<T>(y), static_cast<int32_t*>(nullptr),
                    count, max_pool_of(node, x, y));
  });
}

void run_max_pool_backward(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &x = *node.inputs[1], &gx = *node.outputs[0];
  const uint32_t windows = static_cast<uint32_t>(element_count(g));
  const uint32_t count = static_cast<uint32_t>(element_count(gx));
  if (count == 0) return;
  const Pool pool = max_pool_of(node, x, g);
  const void* gradients = dense_elements(launcher, g);
  const void* data = dense_elements(launcher, x);
  int32_t* maxima = launcher.scratch<int32_t>(windows);
  with_floating(gx.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launcher.launch(max_pool_kernel<T>, launcher.blocks_for(windows, kThreads), kThreads,
                    static_cast<const T*>(data), static_cast<T*>(nullptr), maxima, windows, pool);
    launcher.launch(max_pool_backward_kernel<T>, launcher.blocks_for(count, kThreads), kThreads,
                    static_cast<const T*>(gradients), maxima, data_of<T>(gx), count, pool);
  });
}

// ints: .., ceil_mode, count_include_pad, divisor_override
void run_avg_pool(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  const uint32_t count = static_cast<uint32_t>(element_count(y));
  if (count == 0) return;
  const int64_t* a = node.ints;
  const Pool pool = {{x.shape[2], y.shape[2], a[0], a[2], a[4], 1},
                     {x.shape[3], y.shape[3], a[1], a[3], a[5], 1}};
  const void* data = dense_elements(launcher, x);
  with_floating(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launcher.launch(avg_pool_kernel<T>, launcher.blocks_for(count, kThreads), kThreads,
                    static_cast<const T*>(data), data_of<T>(y), count, pool, a[7] != 0, a[8]);
  });
}

}  // namespace

std::span<const KernelEntry> pool_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"max_pool2d", make_kernel<check<1>, run_max_pool>()},
      {"max_pool2d_backward", make_kernel<check<2>, run_max_pool_backward>()},
      {"avg_pool2d", make_kernel<check<1>, run_avg_pool>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
