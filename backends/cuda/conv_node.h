// SPDX-License-Identifier: Apache-2.0
//
// Convolutions as kernels see them: sums over windows.
#ifndef TESSERA_BACKENDS_CUDA_CONV_NODE_H_
#define TESSERA_BACKENDS_CUDA_CONV_NODE_H_

#include <algorithm>
#include <cstdint>

#include "tessera/backends/cuda/kernel.h"
#include "tessera/backends/cuda/strided.h"
#include "tessera/backends/plugin/conv_geometry.h"

namespace tessera::cuda {

// With as few outputs in a group, or fewer, tiles would be empty for the most part.
inline constexpr uint32_t kNarrowRows = 4;

// Rows or columns: position p, tap i reads the source at first + p * stride + i * dilation.
struct WindowDim {
  int32_t size, positions, taps;  // of the source, of windows, of a window
  int32_t first, stride, dilation;

  __device__ __forceinline__ bool has(int32_t at) const { return at >= 0 && at < size; }
};

// y[n, row, p, q] = bias[row] + sum over c, i, j of w[row, c, i, j] x[n, c, first + p * stride +
// ..], for each of `groups` groups of `rows` outputs and `channels` inputs. Any strides, in
// elements.
struct Windows {
  WindowDim h, v;
  uint32_t images, groups, rows, channels;
  int64_t x_n, x_c, x_h, x_v;
  int64_t w_row, w_c, w_h, w_v, w_group;
  int64_t y_n, y_row, y_h, y_v;
  int64_t bias_step;
  Divisor by_taps, by_columns;       // of a channel of w, of a row of it
  Divisor by_image, by_positions_v;  // windows of an image, of a row of it

  // After h and v are set.
  void count() {
    by_taps = divisor(int64_t{h.taps} * v.taps);
    by_columns = divisor(v.taps);
    by_image = divisor(int64_t{h.positions} * v.positions);
    by_positions_v = divisor(v.positions);
  }
  int64_t positions() const { return int64_t{images} * h.positions * v.positions; }
  int64_t depth() const { return int64_t{channels} * h.taps * v.taps; }

 private:
  static Divisor divisor(int64_t n) {
    return Divisor(static_cast<uint32_t>(std::max<int64_t>(1, n)));
  }
};

// A window: its image, and where in the source its first tap is.
struct WindowPlace {
  uint32_t image;
  int32_t p, q;

  __device__ __forceinline__ WindowPlace(const Windows& s, uint32_t i) {
    image = s.by_image.quotient(i);
    const uint32_t in_image = i - image * s.by_image.divisor;
    const uint32_t row = s.by_positions_v.quotient(in_image);
    p = static_cast<int32_t>(row);
    q = static_cast<int32_t>(in_image - row * s.by_positions_v.divisor);
  }
  __device__ __forceinline__ int32_t y(const Windows& s) const {
    return s.h.first + p * s.h.stride;
  }
  __device__ __forceinline__ int32_t x(const Windows& s) const {
    return s.v.first + q * s.v.stride;
  }
};

// An element of a window, counted as (c, i, j).
struct TapPlace {
  uint32_t channel, i, j;

  __device__ __forceinline__ TapPlace(const Windows& s, uint32_t k) {
    channel = s.by_taps.quotient(k);
    const uint32_t tap = k - channel * s.by_taps.divisor;
    i = s.by_columns.quotient(tap);
    j = tap - i * s.by_columns.divisor;
  }
};

// x (N, C, H, W), w (O, C / groups, kh, kw), y (N, O, oh, ow) of a node; also of gradients.
inline plugin::ConvDim conv_dim(const TsrNode& node, int k, const TsrTensor& x, int64_t taps,
                                const TsrTensor& y) {
  return {x.shape[2 + k], taps, y.shape[2 + k], node.ints[k], node.ints[2 + k], node.ints[4 + k]};
}
// Outputs as positions of windows in x.
inline WindowDim windows_of(const plugin::ConvDim& d) {
  return {static_cast<int32_t>(d.input),  static_cast<int32_t>(d.output),
          static_cast<int32_t>(d.taps),   static_cast<int32_t>(-d.pad),
          static_cast<int32_t>(d.stride), static_cast<int32_t>(d.dilation)};
}

void run_conv_backward_weight(Launcher& launcher, const TsrNode& node);

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_CONV_NODE_H_
