// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/conv_weight_rows.h"

#include <algorithm>

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/conv_weight_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

// The weights that are summed in registers: outputs by taps of one kernel row.
#if HWY_TARGET == HWY_AVX3
constexpr int kOutputs = 8;
#else
constexpr int kOutputs = 4;
#endif
constexpr int kTaps = 3;

// Positions whose products are added in one chain; longer sums would lose digits, and the pixels
// that they read would not stay in the first-level cache.
constexpr int64_t kChain = 256;

void turn(const ConvWeight& conv, const float* x, float* to) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  const int64_t plane = conv.height * conv.width;
  for (int64_t c = 0; c < conv.channels; c += lanes) {
    const int64_t used = std::min(lanes, conv.channels - c);
    float* const block =
        to + (c * conv.pixels() + (conv.pad_height * conv.pitch() + conv.pad_width) * lanes);
    for (int64_t y = 0; y < conv.height; ++y) {
      float* const row = block + y * conv.pitch() * lanes;
      const float* const from = x + c * plane + y * conv.width;
      int64_t j = 0;
      for (; j + 4 <= used; j += 4) transpose4(from + j * plane, plane, conv.width, row + j, lanes);
      for (; j < used; ++j) {
        for (int64_t i = 0; i < conv.width; ++i) row[i * lanes + j] = from[j * plane + i];
      }
    }
  }
}

// sums (taps, outputs) += g . x over `height` rows of positions. A step of a tap is one pixel.
template <int outputs, int taps>
HWY_NOINLINE void tile(const ConvWeight& conv, int64_t height, const float* HWY_RESTRICT x,
                       const float* HWY_RESTRICT g, float* HWY_RESTRICT sums) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t plane = conv.out_height * conv.out_width;
  V sum[outputs][taps];
#pragma GCC unroll 8
  for (int i = 0; i < outputs; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < taps; ++j) sum[i][j] = hn::Zero(d);
  }
  for (int64_t y = 0; y < height; ++y) {
    const float* pixel = x + y * conv.pitch() * lanes;
    for (int64_t k = 0; k < conv.out_width; ++k) {
      V channels[taps];
#pragma GCC unroll 8
      for (int j = 0; j < taps; ++j) channels[j] = hn::Load(d, pixel + j * lanes);
#pragma GCC unroll 8
      for (int i = 0; i < outputs; ++i) {
        const V gradient = hn::Set(d, g[i * plane]);
#pragma GCC unroll 8
        for (int j = 0; j < taps; ++j) sum[i][j] = hn::MulAdd(gradient, channels[j], sum[i][j]);
      }
      pixel += lanes;
      ++g;
    }
  }
#pragma GCC unroll 8
  for (int j = 0; j < taps; ++j) {
#pragma GCC unroll 8
    for (int i = 0; i < outputs; ++i) {
      float* const to = sums + (j * conv.outputs + i) * lanes;
      hn::Store(hn::Add(hn::Load(d, to), sum[i][j]), d, to);
    }
  }
}

template <int outputs>
HWY_INLINE void tile_of(int64_t taps, const ConvWeight& conv, int64_t height, const float* x,
                        const float* g, float* sums) {
  switch (taps) {
    case 1:
      return tile<outputs, 1>(conv, height, x, g, sums);
    case 2:
      return tile<outputs, 2>(conv, height, x, g, sums);
    default:
      return tile<outputs, kTaps>(conv, height, x, g, sums);
  }
}

void accumulate(const ConvWeight& conv, const float* turned, const float* g, int64_t first,
                int64_t last, float* sums) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  const int64_t plane = conv.out_height * conv.out_width;
  const int64_t chunk = std::max<int64_t>(1, kChain / conv.out_width);
  for (int64_t row = 0; row < conv.out_height; row += chunk) {
    const int64_t height = std::min(chunk, conv.out_height - row);
    for (int64_t o = first; o < last;) {
      const int64_t left = last - o;
      const float* const gradients = g + o * plane + row * conv.out_width;
      for (int64_t ky = 0; ky < conv.kernel_height; ++ky) {
        for (int64_t kx = 0; kx < conv.kernel_width; kx += kTaps) {
          const int64_t taps = std::min<int64_t>(kTaps, conv.kernel_width - kx);
          const float* const x = turned + ((row + ky) * conv.pitch() + kx) * lanes;
          float* const to = sums + ((ky * conv.kernel_width + kx) * conv.outputs + o) * lanes;
          if (left >= kOutputs) {
            tile_of<kOutputs>(taps, conv, height, x, gradients, to);
          } else if (left >= 4) {
            tile_of<4>(taps, conv, height, x, gradients, to);
          } else if (left >= 2) {
            tile_of<2>(taps, conv, height, x, gradients, to);
          } else {
            tile_of<1>(taps, conv, height, x, gradients, to);
          }
        }
      }
      o += left >= kOutputs ? kOutputs : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    }
  }
}

const ConvWeightRows* rows() {
  static const ConvWeightRows all = {static_cast<int64_t>(hn::Lanes(D())), turn, accumulate};
  return &all;
}

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(rows);
const ConvWeightRows& conv_weight_rows() { return *HWY_DYNAMIC_DISPATCH(rows)(); }
}  // namespace tessera::cpu
#endif  // HWY_ONCE
