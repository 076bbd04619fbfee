// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/conv_direct.h"

#include <algorithm>

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/conv_direct.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

// What is kept in registers: outputs by vectors of positions, and for the weight's gradient outputs
// by taps.
#if HWY_TARGET == HWY_AVX3
constexpr int kRows = 8;
constexpr int kVectors = 3;
constexpr int kGradientRows = 4;
constexpr int kGradientTaps = 6;
#else
constexpr int kRows = 4;
constexpr int kVectors = 2;
constexpr int kGradientRows = 2;
constexpr int kGradientTaps = 4;
#endif

// About how many outputs of one channel are computed before they are moved to y.
constexpr int64_t kChunk = 512;

void spread(const float* from, int64_t n, int64_t height, int64_t width, float* to, int64_t pitch,
            int64_t plane) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t whole = width / lanes * lanes;
  const auto mask = hn::FirstN(d, static_cast<size_t>(width - whole));
  for (int64_t i = 0; i < n; ++i) {
    float* row = to + i * plane;
    for (int64_t h = 0; h < height; ++h) {
      for (int64_t j = 0; j < whole; j += lanes) hn::StoreU(hn::LoadU(d, from + j), d, row + j);
      if (whole < width) hn::StoreU(hn::MaskedLoad(mask, d, from + whole), d, row + whole);
      from += width;
      row += pitch;
    }
  }
}

// out (rows, vectors) = the sum over taps of weights (taps, rows) * x[offset + ..]
template <int rows, int vectors>
HWY_NOINLINE void tile(int64_t taps, const float* HWY_RESTRICT weights, const float* HWY_RESTRICT x,
                       const int64_t* HWY_RESTRICT offsets, float* HWY_RESTRICT out,
                       int64_t out_row) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  V sum[rows][vectors];
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) sum[i][j] = hn::Zero(d);
  }
  for (int64_t k = 0; k < taps; ++k) {
    const float* const from = x + offsets[k];
    V column[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) column[j] = hn::LoadU(d, from + j * lanes);
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      const V w = hn::Set(d, weights[i]);
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) sum[i][j] = hn::MulAdd(w, column[j], sum[i][j]);
    }
    weights += rows;
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      hn::StoreU(sum[i][j], d, out + i * out_row + j * lanes);
    }
  }
}

template <int rows>
HWY_INLINE void tiles(int64_t positions, int64_t taps, const float* weights, const float* x,
                      const int64_t* offsets, float* out, int64_t out_row) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D()));
  int64_t p = 0;
  for (; p + (kVectors - 1) * lanes < positions; p += kVectors * lanes) {
    tile<rows, kVectors>(taps, weights, x + p, offsets, out + p, out_row);
  }
#if HWY_TARGET == HWY_AVX3
  if (p + lanes < positions) {
    tile<rows, 2>(taps, weights, x + p, offsets, out + p, out_row);
    p += 2 * lanes;
  }
#endif
  if (p < positions) tile<rows, 1>(taps, weights, x + p, offsets, out + p, out_row);
}

// Rows of outputs that are computed before they are moved to y; whole pairs of rows.
int64_t chunk_rows(const DirectConv& conv) {
  return std::max<int64_t>(2, kChunk / conv.pitch() / 2 * 2);
}

size_t buffer_floats(const DirectConv& conv) {
  return kRows * (chunk_rows(conv) * conv.pitch() + kDirectSlack);
}

// Moves rows of `width` out of rows of `pitch`, adding `bias`.
HWY_INLINE void gather_rows(const float* from, int64_t pitch, int64_t height, int64_t width,
                            float bias, float* to) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t whole = width / lanes * lanes;
  const auto mask = hn::FirstN(d, static_cast<size_t>(width - whole));
  const V b = hn::Set(d, bias);
  for (int64_t h = 0; h < height; ++h) {
    for (int64_t j = 0; j < whole; j += lanes) {
      hn::StoreU(hn::Add(hn::LoadU(d, from + j), b), d, to + j);
    }
    if (whole < width) {
      hn::BlendedStore(hn::Add(hn::LoadU(d, from + whole), b), mask, d, to + whole);
    }
    from += pitch;
    to += width;
  }
}

template <int rows>
HWY_INLINE void channels(const DirectConv& conv, const float* padded, const float* weights,
                         const int64_t* offsets, const DirectConvTarget& to, int64_t first,
                         float* buffer) {
  const int64_t pitch = conv.pitch();
  const int64_t chunk = chunk_rows(conv);
  const int64_t buffer_row = chunk * pitch + kDirectSlack;
  for (int64_t row = 0; row < conv.out_height; row += chunk) {
    const int64_t height = std::min(chunk, conv.out_height - row);
    tiles<rows>(height * pitch, conv.taps(), weights, padded + row * pitch, offsets, buffer,
                buffer_row);
    for (int i = 0; i < rows; ++i) {
      const float* const from = buffer + i * buffer_row;
      const int64_t o = first + i;
      const float bias = to.bias == nullptr ? 0.0f : to.bias[o];
      if (to.pool == nullptr) {
        gather_rows(from, pitch, height, conv.out_width, bias,
                    to.y + (o * conv.out_height + row) * conv.out_width);
      } else {
        const int64_t width = conv.out_width / 2;
        const int64_t at = (o * (conv.out_height / 2) + row / 2) * width;
        to.pool(from, pitch, height / 2, width, bias, to.y + at, to.place + at);
      }
    }
  }
}

void convolve(const DirectConv& conv, const float* padded, const float* weights,
              const int64_t* offsets, const DirectConvTarget& to, int64_t first, int64_t last,
              float* buffer) {
  int64_t o = first;
  const auto advance = [&](int64_t rows) {
    o += rows;
    weights += rows * conv.taps();
  };
  for (; o + kRows <= last; advance(kRows)) {
    channels<kRows>(conv, padded, weights, offsets, to, o, buffer);
  }
  if (kRows > 4 && o + 4 <= last) {
    channels<4>(conv, padded, weights, offsets, to, o, buffer);
    advance(4);
  }
  if (o + 2 <= last) {
    channels<2>(conv, padded, weights, offsets, to, o, buffer);
    advance(2);
  }
  if (o + 1 <= last) channels<1>(conv, padded, weights, offsets, to, o, buffer);
}

// gw (rows, taps) += g . padded
template <int rows, int taps>
HWY_NOINLINE void gradient_tile(const DirectConv& conv, const DirectGradient& from, const float* g,
                                const int64_t* offsets, float* gw) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t whole = from.length / lanes * lanes;
  const auto mask = hn::FirstN(d, static_cast<size_t>(from.length - whole));
  const int64_t plane = from.g_plane;
  V sum[rows][taps];
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < taps; ++j) sum[i][j] = hn::Zero(d);
  }
  for (int64_t image = 0; image < from.images; ++image) {
    const float* HWY_RESTRICT x[taps];
#pragma GCC unroll 8
    for (int j = 0; j < taps; ++j) x[j] = from.padded + image * from.padded_image + offsets[j];
    const float* HWY_RESTRICT of_g = g + image * from.g_image;
    for (int64_t piece = 0; piece < from.pieces; ++piece) {
      for (int64_t p = 0; p < whole; p += lanes) {
        V a[rows];
#pragma GCC unroll 8
        for (int i = 0; i < rows; ++i) a[i] = hn::LoadU(d, of_g + i * plane + p);
#pragma GCC unroll 8
        for (int j = 0; j < taps; ++j) {
          const V b = hn::LoadU(d, x[j] + p);
#pragma GCC unroll 8
          for (int i = 0; i < rows; ++i) sum[i][j] = hn::MulAdd(a[i], b, sum[i][j]);
        }
      }
      if (whole < from.length) {
        V a[rows];
#pragma GCC unroll 8
        for (int i = 0; i < rows; ++i) a[i] = hn::MaskedLoad(mask, d, of_g + i * plane + whole);
#pragma GCC unroll 8
        for (int j = 0; j < taps; ++j) {
          const V b = hn::MaskedLoad(mask, d, x[j] + whole);
#pragma GCC unroll 8
          for (int i = 0; i < rows; ++i) sum[i][j] = hn::MulAdd(a[i], b, sum[i][j]);
        }
      }
      of_g += from.g_piece;
#pragma GCC unroll 8
      for (int j = 0; j < taps; ++j) x[j] += from.padded_piece;
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < taps; ++j) {
      gw[i * conv.taps() + j] += hn::GetLane(hn::SumOfLanes(d, sum[i][j]));
    }
  }
}

template <int rows>
HWY_INLINE void gradient_rows(const DirectConv& conv, const DirectGradient& from, const float* g,
                              const int64_t* offsets, float* gw) {
  int64_t k = 0;
  for (; k + kGradientTaps <= conv.taps(); k += kGradientTaps) {
    gradient_tile<rows, kGradientTaps>(conv, from, g, offsets + k, gw + k);
  }
  for (; k + 3 <= conv.taps(); k += 3) {
    gradient_tile<rows, 3>(conv, from, g, offsets + k, gw + k);
  }
  for (; k < conv.taps(); ++k) gradient_tile<rows, 1>(conv, from, g, offsets + k, gw + k);
}

void weight_gradient(const DirectConv& conv, const DirectGradient& from, const int64_t* offsets,
                     float* gw) {
  int64_t o = 0;
  for (; o + kGradientRows <= conv.outputs; o += kGradientRows) {
    gradient_rows<kGradientRows>(conv, from, from.g + o * from.g_plane, offsets,
                                 gw + o * conv.taps());
  }
  for (; o < conv.outputs; ++o) {
    gradient_rows<1>(conv, from, from.g + o * from.g_plane, offsets, gw + o * conv.taps());
  }
}

const DirectConvKernels* kernels() {
  static const DirectConvKernels all = {kRows,         static_cast<int64_t>(hn::Lanes(D())),
                                        spread,        convolve,
                                        buffer_floats, weight_gradient};
  return &all;
}

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(kernels);

const DirectConvKernels& direct_conv_kernels() { return *HWY_DYNAMIC_DISPATCH(kernels)(); }

}  // namespace tessera::cpu
#endif  // HWY_ONCE
