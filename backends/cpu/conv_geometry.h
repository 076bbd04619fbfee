// SPDX-License-Identifier: Apache-2.0
//
// The sizes of one two-dimensional convolution, and the two ways of computing it.
#ifndef TESSERA_BACKENDS_CPU_CONV_GEOMETRY_H_
#define TESSERA_BACKENDS_CPU_CONV_GEOMETRY_H_

#include <algorithm>
#include <cstdint>

#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {

// x (n, c, h, w), weight (o, c / groups, kh, kw), y (n, o, oh, ow)
struct ConvGeometry {
  int64_t n, c, h, w;
  int64_t o, kh, kw;
  int64_t oh, ow;
  int64_t stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups;

  int64_t taps() const { return c / groups * kh * kw; }  // of one output channel
  int64_t products() const { return n * o * oh * ow * taps(); }

  // Stride and dilation are 1, and there is one group.
  bool plain() const {
    return stride_h == 1 && stride_w == 1 && dilation_h == 1 && dilation_w == 1 && groups == 1;
  }
  bool pointwise() const {
    return kh == 1 && kw == 1 && stride_h == 1 && stride_w == 1 && pad_h == 0 && pad_w == 0;
  }

  // Parts of the batch whose weight gradients are summed apart, then in order. A matter of sizes,
  // not of threads, so that these do not change the result.
  int64_t gradient_parts() const {
    return std::clamp<int64_t>(n * oh * ow / 2048, 1, std::clamp<int64_t>(n, 1, 8));
  }
};

// Multiplications and additions that are worth a thread.
inline constexpr int64_t kConvGrain = 2'000'000;

// How many tasks to make of `units` that can be computed apart: where it is worth two threads,
// enough that the last one to end does not end late.
inline int64_t conv_tasks(TsrStream* stream, const ConvGeometry& g, int64_t units) {
  const int64_t threads = pool_of(stream).threads();
  if (threads == 1 || g.products() < 2 * kConvGrain) return 1;
  return std::clamp<int64_t>(4 * threads, 1, std::max<int64_t>(1, units));
}

// All operands dense. `bias` may be null.

// Plain geometries in float32, without a copy for every tap. conv_plain.cc
void conv_plain(TsrStream* stream, Workspace& work, const ConvGeometry& g, const float* x,
                const float* weight, const float* bias, float* y);
// As conv_plain, then relu and 2x2 max pooling: y and place (n, o, oh / 2, ow / 2), place as the op
// conv2d_relu_max_pool2d has it.
void conv_plain_relu_pool(TsrStream* stream, Workspace& work, const ConvGeometry& g, const float* x,
                          const float* weight, const float* bias, float* y, uint8_t* place);
void conv_plain_backward_input(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                               const float* gy, const float* weight, float* gx);
void conv_plain_backward_weight(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                                const float* gy, const float* x, float* gw);

// The weight's gradient of plain geometries in float32, where channels fill vectors. conv_weight.cc
bool conv_fills_lanes(const ConvGeometry& g);
void conv_channels_backward_weight(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                                   const float* gy, const float* x, float* gw);

// Every geometry, as matrix products. conv_general.cc; T is float or double.
template <class T>
void conv_general(TsrStream* stream, Workspace& work, const ConvGeometry& g, const T* x,
                  const T* weight, const T* bias, T* y);
template <class T>
void conv_general_backward_input(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                                 const T* gy, const T* weight, T* gx);
template <class T>
void conv_general_backward_weight(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                                  const T* gy, const T* x, T* gw);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_CONV_GEOMETRY_H_
