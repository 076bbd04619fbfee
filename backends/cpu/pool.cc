// SPDX-License-Identifier: Apache-2.0
//
// x (planes, h, w), y (planes, oh, ow), planes = N * C
#include "tessera/backends/cpu/pool.h"

#include <algorithm>
#include <limits>

#include "tessera/backends/cpu/pool_rows.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kGrain = 64 << 10;  // elements of windows that are worth a thread

struct Pool {
  int64_t planes, h, w, oh, ow;
  int64_t kh, kw, stride_h, stride_w, pad_h, pad_w;
  int64_t dilation_h = 1, dilation_w = 1;

  Pool(const TsrNode& node, const TsrTensor& x, const TsrTensor& y)
      : planes(x.shape[0] * x.shape[1]),
        h(x.shape[2]),
        w(x.shape[3]),
        oh(y.shape[2]),
        ow(y.shape[3]),
        kh(node.ints[0]),
        kw(node.ints[1]),
        stride_h(node.ints[2]),
        stride_w(node.ints[3]),
        pad_h(node.ints[4]),
        pad_w(node.ints[5]) {}

  // Pairs of rows and columns, none outside.
  bool halves() const {
    return kh == 2 && kw == 2 && stride_h == 2 && stride_w == 2 && pad_h == 0 && pad_w == 0 &&
           dilation_h == 1 && dilation_w == 1 && 2 * oh <= h && 2 * ow <= w;
  }
  size_t grain() const {
    return kGrain / std::max<int64_t>(1, oh * ow * kh * kw) + 1;  // planes
  }

  // Calls f(offset in the plane) for the elements of a window that are in the image, in order.
  template <class F>
  void for_each_in_window(int64_t oy, int64_t ox, F f) const {
    for (int64_t ky = 0; ky < kh; ++ky) {
      const int64_t y = oy * stride_h - pad_h + ky * dilation_h;
      if (y < 0 || y >= h) continue;
      for (int64_t kx = 0; kx < kw; ++kx) {
        const int64_t x = ox * stride_w - pad_w + kx * dilation_w;
        if (x >= 0 && x < w) f(y * w + x);
      }
    }
  }

  // The offset of the first maximum, nan being greatest; -1 if the window is all padding.
  template <class T>
  int64_t maximum(const T* plane, int64_t oy, int64_t ox) const {
    int64_t best = -1;
    for_each_in_window(oy, ox, [&](int64_t at) {
      if (best < 0) {
        best = at;
        return;
      }
      const T value = plane[at], old = plane[best];
      if (old == old && (value != value || value > old)) best = at;
    });
    return best;
  }
};

Pool max_pool(const TsrNode& node, const TsrTensor& x, const TsrTensor& y) {
  Pool pool(node, x, y);
  pool.dilation_h = node.ints[6];
  pool.dilation_w = node.ints[7];
  return pool;
}

template <uint32_t inputs>
TsrStatus check_pool(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 9, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  bool known = is_floating(y.dtype) && y.rank == 4;
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == y.dtype && node.inputs[i]->rank == 4;
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes and ranks", message);
}

// Calls f(T()) with the type that the node is computed in.
template <class F>
void with_type(const TsrNode& node, F f) {
  node.outputs[0]->dtype == TSR_FLOAT64 ? f(double()) : f(float());
}

TsrStatus run_max_pool(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const Pool pool = max_pool(node, *node.inputs[0], *node.outputs[0]);
  with_type(node, [&]<class T>(T) {
    const T* const x = work.dense<T>(*node.inputs[0]);
    T* const y = work.output<T>(*node.outputs[0]);
    const bool by_rows = std::is_same_v<T, float> && pool.halves();
    pool_of(stream).ranges(
        pool.planes, pool.grain(),
        [&](size_t begin, size_t end) {
          for (size_t p = begin; p < end; ++p) {
            const T* const plane = x + p * pool.h * pool.w;
            T* to = y + p * pool.oh * pool.ow;
            for (int64_t oy = 0; oy < pool.oh; ++oy, to += pool.ow) {
              if constexpr (std::is_same_v<T, float>) {
                if (by_rows) {
                  const T* const top = plane + 2 * oy * pool.w;
                  pool_rows().forward(top, top + pool.w, to, pool.ow);
                  continue;
                }
              }
              for (int64_t ox = 0; ox < pool.ow; ++ox) {
                const int64_t at = pool.maximum(plane, oy, ox);
                to[ox] = at < 0 ? -std::numeric_limits<T>::infinity() : plane[at];
              }
            }
          }
        },
        1);
    work.finish();
  });
  return TSR_OK;
}

// g (N, C, oh, ow), x (N, C, H, W) -> gx
TsrStatus run_max_pool_backward(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const Pool pool = max_pool(node, *node.inputs[1], *node.inputs[0]);
  with_type(node, [&]<class T>(T) {
    const T* const g = work.dense<T>(*node.inputs[0]);
    const T* const x = work.dense<T>(*node.inputs[1]);
    T* const gx = work.output<T>(*node.outputs[0]);
    const bool by_rows = std::is_same_v<T, float> && pool.halves();
    const bool covered = by_rows && 2 * pool.oh == pool.h && 2 * pool.ow == pool.w;
    pool_of(stream).ranges(
        pool.planes, pool.grain(),
        [&](size_t begin, size_t end) {
          for (size_t p = begin; p < end; ++p) {
            const T* const plane = x + p * pool.h * pool.w;
            const T* from = g + p * pool.oh * pool.ow;
            T* const to = gx + p * pool.h * pool.w;
            if (!covered) std::fill_n(to, pool.h * pool.w, T(0));
            for (int64_t oy = 0; oy < pool.oh; ++oy, from += pool.ow) {
              if constexpr (std::is_same_v<T, float>) {
                if (by_rows) {
                  const int64_t row = 2 * oy * pool.w;
                  pool_rows().backward(from, plane + row, plane + row + pool.w, to + row,
                                       to + row + pool.w, pool.ow);
                  continue;
                }
              }
              for (int64_t ox = 0; ox < pool.ow; ++ox) {
                const int64_t at = pool.maximum(plane, oy, ox);
                if (at >= 0) to[at] += from[ox];
              }
            }
          }
        },
        1);
    work.finish();
  });
  return TSR_OK;
}

TsrStatus check_places(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 11, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  const bool known = is_floating(dtype) && node.inputs[0]->dtype == dtype &&
                     node.inputs[1]->dtype == TSR_UINT8 && node.outputs[0]->rank == 4 &&
                     node.inputs[0]->rank == 4 && node.inputs[1]->rank == 4;
  return known ? TSR_OK : unsupported(node, "combination of dtypes and ranks", message);
}

// g, place (N, C, oh, ow) -> gx (N, C, H, W)
TsrStatus run_places(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const Pool pool = max_pool(node, *node.outputs[0], *node.inputs[0]);
  with_type(node, [&]<class T>(T) {
    const T* const g = work.dense<T>(*node.inputs[0]);
    const uint8_t* const place = work.dense<uint8_t>(*node.inputs[1]);
    T* const gx = work.output<T>(*node.outputs[0]);
    const bool by_rows = std::is_same_v<T, float> && pool.halves();
    const bool covered = by_rows && 2 * pool.oh == pool.h && 2 * pool.ow == pool.w;
    pool_of(stream).ranges(
        pool.planes, pool.grain(),
        [&](size_t begin, size_t end) {
          for (size_t p = begin; p < end; ++p) {
            const T* from = g + p * pool.oh * pool.ow;
            const uint8_t* at = place + p * pool.oh * pool.ow;
            T* const to = gx + p * pool.h * pool.w;
            if (!covered) std::fill_n(to, pool.h * pool.w, T(0));
            for (int64_t oy = 0; oy < pool.oh; ++oy, from += pool.ow, at += pool.ow) {
              if constexpr (std::is_same_v<T, float>) {
                if (by_rows) {
                  float* const row = to + 2 * oy * pool.w;
                  pool_rows().backward_places(from, at, row, row + pool.w, pool.ow);
                  continue;
                }
              }
              for (int64_t ox = 0; ox < pool.ow; ++ox) {
                if (at[ox] >= pool.kh * pool.kw) continue;
                const int64_t y =
                    oy * pool.stride_h - pool.pad_h + at[ox] / pool.kw * pool.dilation_h;
                const int64_t x =
                    ox * pool.stride_w - pool.pad_w + at[ox] % pool.kw * pool.dilation_w;
                if (y >= 0 && y < pool.h && x >= 0 && x < pool.w) to[y * pool.w + x] += from[ox];
              }
            }
          }
        },
        1);
    work.finish();
  });
  return TSR_OK;
}

// ints: kernel, stride, pad, ceil_mode, count_include_pad, divisor_override
TsrStatus run_avg_pool(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const Pool pool(node, *node.inputs[0], *node.outputs[0]);
  const bool count_include_pad = node.ints[7] != 0;
  const int64_t divisor_override = node.ints[8];
  with_type(node, [&]<class T>(T) {
    const T* const x = work.dense<T>(*node.inputs[0]);
    T* const y = work.output<T>(*node.outputs[0]);
    pool_of(stream).ranges(
        pool.planes, pool.grain(),
        [&](size_t begin, size_t end) {
          for (size_t p = begin; p < end; ++p) {
            const T* const plane = x + p * pool.h * pool.w;
            T* to = y + p * pool.oh * pool.ow;
            for (int64_t oy = 0; oy < pool.oh; ++oy) {
              // Rows and columns of the window that are in the padded image.
              const int64_t rows = std::min(pool.kh, pool.h + 2 * pool.pad_h - oy * pool.stride_h);
              for (int64_t ox = 0; ox < pool.ow; ++ox) {
                T sum = 0;
                int64_t inside = 0;
                pool.for_each_in_window(oy, ox, [&](int64_t at) {
                  sum += plane[at];
                  ++inside;
                });
                const int64_t columns =
                    std::min(pool.kw, pool.w + 2 * pool.pad_w - ox * pool.stride_w);
                const int64_t divisor = divisor_override != 0 ? divisor_override
                                        : count_include_pad   ? rows * columns
                                                              : inside;
                *to++ = inside == 0 ? T(0) : sum / static_cast<T>(divisor);
              }
            }
          }
        },
        1);
    work.finish();
  });
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"max_pool2d", make_kernel<check_pool<1>, run_max_pool>()},
    {"relu_max_pool2d_backward", make_kernel<check_places, run_places>()},
    {"max_pool2d_backward", make_kernel<check_pool<2>, run_max_pool_backward>()},
    {"avg_pool2d", make_kernel<check_pool<1>, run_avg_pool>()},
};

}  // namespace

std::span<const KernelEntry> pool_kernels() { return kEntries; }

}  // namespace tessera::cpu
