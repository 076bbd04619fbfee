// SPDX-License-Identifier: Apache-2.0
//
// One dim of a convolution, and how its gradient for the input falls apart into convolutions of
// stride 1.
#ifndef TESSERA_BACKENDS_PLUGIN_CONV_GEOMETRY_H_
#define TESSERA_BACKENDS_PLUGIN_CONV_GEOMETRY_H_

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace tessera::plugin {

// Output p reads the input at p stride - pad + i dilation for every tap i < taps.
struct ConvDim {
  int64_t input, taps, output;  // sizes
  int64_t stride, pad, dilation;
};

// The positions phase, phase + stride, ... of the input. The gradient at the r-th of them is
//   sum over i < taps of w[first_tap + i tap_step] g[top + r + i dilation]
// with g 0 outside of it.
struct ConvPhase {
  int64_t positions;
  int64_t taps, first_tap, tap_step;
  int64_t top, dilation;
};

inline int64_t tap_step(const ConvDim& dim) {
  return dim.stride / std::gcd(dim.stride, dim.dilation);
}

// No phase has more taps.
inline int64_t most_taps_of_phase(const ConvDim& dim) {
  return (dim.taps + tap_step(dim) - 1) / tap_step(dim);
}

// `phase` < min(stride, input).
inline ConvPhase conv_phase(const ConvDim& dim, int64_t phase) {
  // Tap t reaches position x from the output (x + pad - t dilation) / stride, where that is whole:
  // for every tap_step-th tap or for none.
  ConvPhase result = {};
  result.positions = (dim.input - phase + dim.stride - 1) / dim.stride;
  result.tap_step = tap_step(dim);
  const int64_t most = std::min(result.tap_step, dim.taps);
  auto misses = [&](int64_t tap) {
    return (phase + dim.pad - tap * dim.dilation) % dim.stride != 0;
  };
  while (result.first_tap < most && misses(result.first_tap)) ++result.first_tap;
  if (result.first_tap == most) return result;  // no taps
  result.taps = (dim.taps - 1 - result.first_tap) / result.tap_step + 1;
  result.top = (phase + dim.pad - result.first_tap * dim.dilation) / dim.stride;
  result.dilation = -(result.tap_step * dim.dilation / dim.stride);
  return result;
}

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_CONV_GEOMETRY_H_
