// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/plugin/conv_geometry.h"

#include <set>
#include <tuple>

#include "gtest/gtest.h"

namespace tessera::plugin {
namespace {

// An input position, a tap and an output that meet.
using Meetings = std::multiset<std::tuple<int64_t, int64_t, int64_t>>;

Meetings by_definition(const ConvDim& dim) {
  Meetings all;
  for (int64_t o = 0; o < dim.output; ++o) {
    for (int64_t tap = 0; tap < dim.taps; ++tap) {
      const int64_t x = o * dim.stride - dim.pad + tap * dim.dilation;
      if (x >= 0 && x < dim.input) all.insert({x, tap, o});
    }
  }
  return all;
}

Meetings by_phases(const ConvDim& dim) {
  Meetings all;
  for (int64_t phase = 0; phase < std::min(dim.stride, dim.input); ++phase) {
    const ConvPhase p = conv_phase(dim, phase);
    EXPECT_LE(p.taps, most_taps_of_phase(dim));
    for (int64_t r = 0; r < p.positions; ++r) {
      EXPECT_LT(phase + r * dim.stride, dim.input);
      for (int64_t i = 0; i < p.taps; ++i) {
        const int64_t o = p.top + r + i * p.dilation;
        if (o < 0 || o >= dim.output) continue;
        all.insert({phase + r * dim.stride, p.first_tap + i * p.tap_step, o});
      }
    }
  }
  return all;
}

TEST(ConvPhaseTest, PhasesMeetWhatTheConvolutionMeets) {
  int dims = 0;
  for (int64_t input : {1, 2, 7, 12}) {
    for (int64_t taps = 1; taps <= 5; ++taps) {
      for (int64_t stride = 1; stride <= 6; ++stride) {
        for (int64_t pad = 0; pad <= 5; ++pad) {
          for (int64_t dilation = 1; dilation <= 6; ++dilation) {
            const int64_t rest = input + 2 * pad - dilation * (taps - 1) - 1;
            if (rest < 0) continue;
            const ConvDim dim = {input, taps, rest / stride + 1, stride, pad, dilation};
            ASSERT_EQ(by_phases(dim), by_definition(dim))
                << "input " << input << ", taps " << taps << ", stride " << stride << ", pad "
                << pad << ", dilation " << dilation;
            ++dims;
          }
        }
      }
    }
  }
  EXPECT_GT(dims, 1000);
}

}  // namespace
}  // namespace tessera::plugin
