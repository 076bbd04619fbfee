// SPDX-License-Identifier: Apache-2.0
//
// Divides the weight's gradient for many channels (conv_weight_rows.h) among threads.
#include <algorithm>
#include <cstring>

#include "tessera/backends/cpu/conv_geometry.h"
#include "tessera/backends/cpu/conv_weight_rows.h"

namespace tessera::cpu {
namespace {

// Outputs whose weights are one thread's work; a multiple of what the kernel computes together.
constexpr int64_t kOutputChunk = 8;

}  // namespace

bool conv_fills_lanes(const ConvGeometry& g) {
  const int64_t lanes = conv_weight_rows().lanes;
  const int64_t blocks = (g.c + lanes - 1) / lanes;
  return lanes > 1 && 5 * g.c >= 4 * blocks * lanes;
}

void conv_channels_backward_weight(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                                   const float* gy, const float* x, float* gw) {
  const ConvWeightRows& rows = conv_weight_rows();
  const ConvWeight conv = {g.c, g.h, g.w, g.o, g.oh, g.ow, g.kh, g.kw, g.pad_h, g.pad_w};
  const int64_t lanes = rows.lanes, blocks = (g.c + lanes - 1) / lanes;
  const int64_t image = blocks * conv.pixels() * lanes;
  const int64_t sums = blocks * conv.taps() * g.o * lanes;
  const int64_t parts = g.gradient_parts();
  ThreadPool& pool = pool_of(stream);
  const bool serial = g.products() < 2 * kConvGrain || pool.threads() == 1;
  const bool by_parts = !serial && parts >= pool.threads();
  float* const partial = work.array<float>(sums * parts);
  float* const memory = work.array<float>(image * (by_parts ? parts : 1));
  std::memset(memory, 0, image * (by_parts ? parts : 1) * sizeof(float));
  std::fill_n(partial, sums * parts, 0.0f);
  const int64_t chunks = (g.o + kOutputChunk - 1) / kOutputChunk;
  const auto run_part = [&](int64_t part, float* turned, bool divide) {
    float* const result = partial + part * sums;
    const int64_t end = g.n * (part + 1) / parts;
    for (int64_t n = g.n * part / parts; n < end; ++n) {
      rows.turn(conv, x + n * g.c * g.h * g.w, turned);
      const float* const of_image = gy + n * g.o * g.oh * g.ow;
      const auto of_outputs = [&](int64_t first, int64_t last) {
        for (int64_t block = 0; block < blocks; ++block) {
          rows.accumulate(conv, turned + block * conv.pixels() * lanes, of_image, first, last,
                          result + block * conv.taps() * g.o * lanes);
        }
      };
      if (divide) {
        pool.for_each(chunks, [&](size_t chunk) {
          const int64_t first = static_cast<int64_t>(chunk) * kOutputChunk;
          of_outputs(first, std::min(g.o, first + kOutputChunk));
        });
      } else {
        of_outputs(0, g.o);
      }
    }
  };
  if (by_parts) {
    pool.for_each(parts, [&](size_t part) { run_part(part, memory + part * image, false); });
  } else {
    for (int64_t part = 0; part < parts; ++part) run_part(part, memory, !serial);
  }
  for (int64_t part = 1; part < parts; ++part) {
    for (int64_t i = 0; i < sums; ++i) partial[i] += partial[part * sums + i];
  }
  for (int64_t o = 0; o < g.o; ++o) {
    for (int64_t c = 0; c < g.c; ++c) {
      const float* const from = partial + c / lanes * conv.taps() * g.o * lanes + c % lanes;
      for (int64_t k = 0; k < conv.taps(); ++k) *gw++ = from[(k * g.o + o) * lanes];
    }
  }
}

}  // namespace tessera::cpu
