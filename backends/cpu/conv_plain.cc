// SPDX-License-Identifier: Apache-2.0
//
// Divides convolutions among threads and brings operands into the form of conv_direct.h.
#include <algorithm>
#include <cstring>

#include "tessera/backends/cpu/conv_direct.h"
#include "tessera/backends/cpu/conv_geometry.h"
#include "tessera/backends/cpu/pool_rows.h"

namespace tessera::cpu {
namespace {

// Bytes of spread images that the weight's gradient works on at a time.
constexpr int64_t kBlockBytes = int64_t{512} << 10;

// Positions over which a weight's gradient is summed in registers, at the least.
constexpr int64_t kLongSum = 2048;
// Outputs whose weights are one thread's work; a multiple of what the kernel computes together.
constexpr int64_t kOutputChunk = 8;

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

const int64_t* make_offsets(Workspace& work, const DirectConv& conv) {
  int64_t* const offsets = work.array<int64_t>(conv.taps());
  int64_t k = 0;
  for (int64_t c = 0; c < conv.channels; ++c) {
    for (int64_t ky = 0; ky < conv.kernel_height; ++ky) {
      for (int64_t kx = 0; kx < conv.kernel_width; ++kx) {
        offsets[k++] = c * conv.plane() + ky * conv.pitch() + kx;
      }
    }
  }
  return offsets;
}

// Calls f(first output, rows) for the groups of outputs that are computed together.
template <class F>
void for_each_group(int64_t outputs, int64_t rows, F f) {
  int64_t o = 0;
  for (; o + rows <= outputs; o += rows) f(o, rows);
  for (int64_t part = rows / 2; part > 0; part /= 2) {
    if (o + part <= outputs) {
      f(o, part);
      o += part;
    }
  }
}

// conv(x) for `packed` weights (every group's as (taps, rows)) into `to`, which is that of the
// first image; `each_to`: elements of y from one image to the next.
void convolve_images(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                     const DirectConv& conv, const float* x, const float* packed,
                     const DirectConvTarget& to, int64_t each_to) {
  const DirectConvKernels& kernels = direct_conv_kernels();
  const int64_t* const offsets = make_offsets(work, conv);
  // With few images, the output channels are divided too.
  const int64_t threads = pool_of(stream).threads();
  const int64_t groups = (conv.outputs + kernels.rows - 1) / kernels.rows;
  const int64_t splits = threads == 1 || g.n >= 2 * threads ? 1 : std::min(groups, 2 * threads);
  const int64_t units = g.n * splits;
  const int64_t tasks = conv_tasks(stream, g, units);
  const int64_t image = conv.channels * conv.plane() + kDirectSlack;
  const int64_t buffer = static_cast<int64_t>(kernels.buffer_floats(conv));
  const int64_t each = round_up(image + buffer, 16);
  float* const scratch = work.array<float>(each * tasks);
  pool_of(stream).for_each(tasks, [&](size_t task) {
    float* const padded = scratch + task * each;
    std::memset(padded, 0, image * sizeof(float));
    int64_t at = -1;
    for (int64_t unit = units * task / tasks; unit < units * static_cast<int64_t>(task + 1) / tasks;
         ++unit) {
      const int64_t n = unit / splits;
      const int64_t split = unit % splits;
      if (n != at) {
        kernels.spread(x + n * conv.channels * conv.height * conv.width, conv.channels, conv.height,
                       conv.width, padded + conv.pad_height * conv.pitch() + conv.pad_width,
                       conv.pitch(), conv.plane());
        at = n;
      }
      const int64_t first = groups * split / splits * kernels.rows;
      const int64_t last = std::min(conv.outputs, groups * (split + 1) / splits * kernels.rows);
      DirectConvTarget of_image = to;
      of_image.y += n * each_to;
      if (to.place != nullptr) of_image.place += n * each_to;
      kernels.convolve(conv, padded, packed + first * conv.taps(), offsets, of_image, first, last,
                       padded + image);
    }
  });
}

DirectConv forward_geometry(const ConvGeometry& g) {
  return {g.c, g.h, g.w, g.o, g.oh, g.ow, g.kh, g.kw, g.pad_h, g.pad_w};
}

}  // namespace

namespace {

void forward(TsrStream* stream, Workspace& work, const ConvGeometry& g, const float* x,
             const float* weight, const DirectConvTarget& to, int64_t each_to) {
  const DirectConv conv = forward_geometry(g);
  const int64_t taps = conv.taps();
  float* const packed = work.array<float>(g.o * taps);
  for_each_group(g.o, direct_conv_kernels().rows, [&](int64_t o, int64_t rows) {
    float* const to = packed + o * taps;
    for (int64_t i = 0; i < rows; ++i) {
      const float* const from = weight + (o + i) * taps;
      for (int64_t k = 0; k < taps; ++k) to[k * rows + i] = from[k];
    }
  });
  convolve_images(stream, work, g, conv, x, packed, to, each_to);
}

}  // namespace

void conv_plain(TsrStream* stream, Workspace& work, const ConvGeometry& g, const float* x,
                const float* weight, const float* bias, float* y) {
  forward(stream, work, g, x, weight, {bias, y}, g.o * g.oh * g.ow);
}

void conv_plain_relu_pool(TsrStream* stream, Workspace& work, const ConvGeometry& g, const float* x,
                          const float* weight, const float* bias, float* y, uint8_t* place) {
  forward(stream, work, g, x, weight, {bias, y, place, pool_rows().forward_relu},
          g.o * (g.oh / 2) * (g.ow / 2));
}

// The convolution of g with the kernel turned by half a turn, inputs and outputs exchanged.
void conv_plain_backward_input(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                               const float* gy, const float* weight, float* gx) {
  const DirectConv conv = {
      g.o, g.oh, g.ow, g.c, g.h, g.w, g.kh, g.kw, g.kh - 1 - g.pad_h, g.kw - 1 - g.pad_w};
  const int64_t size = g.kh * g.kw;
  const int64_t taps = conv.taps();
  float* const packed = work.array<float>(g.c * taps);
  for_each_group(g.c, direct_conv_kernels().rows, [&](int64_t c, int64_t rows) {
    float* to = packed + c * taps;
    for (int64_t o = 0; o < g.o; ++o) {
      for (int64_t k = size; k-- > 0;) {
        for (int64_t i = 0; i < rows; ++i) *to++ = weight[(o * g.c + c + i) * size + k];
      }
    }
  });
  convolve_images(stream, work, g, conv, gy, packed, {nullptr, gx}, g.c * g.h * g.w);
}

void conv_plain_backward_weight(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                                const float* gy, const float* x, float* gw) {
  const DirectConvKernels& kernels = direct_conv_kernels();
  const DirectConv conv = forward_geometry(g);
  const int64_t* const offsets = make_offsets(work, conv);
  const int64_t taps = conv.taps();
  const int64_t weights = g.o * taps;
  const int64_t parts = g.gradient_parts();
  // Rows that nearly fill vectors are read where they stand in g.
  const int64_t vectors = (g.ow + kernels.lanes - 1) / kernels.lanes;
  const bool by_rows = 5 * g.ow >= 4 * vectors * kernels.lanes;
  const int64_t x_image = conv.channels * conv.plane();
  const int64_t g_plane = by_rows ? g.oh * g.ow : conv.positions();
  const int64_t g_image = conv.outputs * g_plane;
  // Images that are spread out at a time: what the cache holds, but enough for sums in registers to
  // be long.
  const int64_t in_cache =
      kBlockBytes / std::max<int64_t>(1, (x_image + g_image) * static_cast<int64_t>(sizeof(float)));
  const int64_t block =
      std::clamp<int64_t>(std::max(in_cache, kLongSum / std::max<int64_t>(1, conv.positions())), 1,
                          (g.n + parts - 1) / parts);
  const int64_t each = round_up(block * (x_image + (by_rows ? 0 : g_image)) + 2 * kDirectSlack, 16);
  const bool serial = g.products() < 2 * kConvGrain || pool_of(stream).threads() == 1;
  const bool by_parts = !serial && parts >= pool_of(stream).threads();
  float* const partial = parts == 1 ? gw : work.array<float>(weights * parts);
  float* const scratch = work.array<float>(each * (by_parts ? parts : 1));
  std::fill_n(partial, weights * parts, 0.0f);
  // Adds the gradient of one part of the batch, on this thread or divided by outputs.
  const auto run_part = [&](int64_t part, float* memory, bool divide) {
    float* const result = partial + part * weights;
    float* const spread_g = memory + block * x_image + kDirectSlack;
    // Once for each memory: what lies between the images' rows stays zero.
    if (by_parts || part == 0) std::memset(memory, 0, each * sizeof(float));
    const int64_t end = g.n * (part + 1) / parts;
    for (int64_t n = g.n * part / parts; n < end; n += block) {
      const int64_t images = std::min(block, end - n);
      const auto spread = [&](int64_t i) {
        kernels.spread(x + (n + i) * g.c * g.h * g.w, g.c, g.h, g.w,
                       memory + i * x_image + g.pad_h * conv.pitch() + g.pad_w, conv.pitch(),
                       conv.plane());
        if (by_rows) return;
        kernels.spread(gy + (n + i) * g.o * g.oh * g.ow, g.o, g.oh, g.ow, spread_g + i * g_image,
                       conv.pitch(), conv.positions());
      };
      // In order: a row's end is cleared past it, into what is written next.
      for (int64_t i = 0; i < images; ++i) spread(i);
      const int64_t chunks = divide ? (g.o + kOutputChunk - 1) / kOutputChunk : 1;
      const int64_t step = divide ? kOutputChunk : g.o;
      const auto sum_outputs = [&](size_t chunk) {
        const int64_t o = static_cast<int64_t>(chunk) * step;
        DirectConv some = conv;
        some.outputs = std::min(step, g.o - o);
        const float* const from = by_rows ? gy + n * g_image : spread_g;
        const DirectGradient gradient = {.padded = memory,
                                         .padded_image = x_image,
                                         .padded_piece = conv.pitch(),
                                         .g = from + o * g_plane,
                                         .g_image = g_image,
                                         .g_plane = g_plane,
                                         .g_piece = g.ow,
                                         .images = images,
                                         .pieces = by_rows ? g.oh : 1,
                                         .length = by_rows ? g.ow : conv.positions()};
        kernels.weight_gradient(some, gradient, offsets, result + o * taps);
      };
      if (divide) {
        pool_of(stream).for_each(chunks, sum_outputs);
      } else {
        sum_outputs(0);
      }
    }
  };
  if (by_parts) {
    pool_of(stream).for_each(parts,
                             [&](size_t part) { run_part(part, scratch + part * each, false); });
  } else {
    for (int64_t part = 0; part < parts; ++part) run_part(part, scratch, !serial);
  }
  if (parts == 1) return;
  std::copy_n(partial, weights, gw);
  for (int64_t part = 1; part < parts; ++part) {
    for (int64_t i = 0; i < weights; ++i) gw[i] += partial[part * weights + i];
  }
}

}  // namespace tessera::cpu
