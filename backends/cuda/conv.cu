// SPDX-License-Identifier: Apache-2.0
//
// conv2d and its gradient for the input, as products whose right operand is read through windows:
// rows are output channels, columns are windows, the depth is (channel, tap). The gradient falls
// apart into one convolution of stride 1 for every phase of the stride, so that no product is with
// a zero between pixels. Where a group has few outputs (depthwise) a thread has one output.
#include <limits>

#include "tessera/backends/cuda/conv.h"
#include "tessera/backends/cuda/conv_node.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/tile_product.h"

namespace tessera::cuda {
namespace {

using plugin::ConvDim;
using plugin::ConvPhase;

constexpr uint32_t kNarrowThreads = 256;

template <class T>
struct Operands {
  const T *x, *w, *bias;  // bias may be null
  T* y;
};

// Blocks: tiles of rows, then of windows; groups.
template <class T>
__global__ void __launch_bounds__(kTileThreads)
    conv_tiles(Operands<T> t, Windows s, uint32_t windows, uint32_t depth) {
  using Acc = Computed<T>;
  const uint32_t row_tiles = (s.rows + kTile - 1) / kTile;
  const uint32_t first_row = blockIdx.x % row_tiles * kTile;
  const uint32_t first_window = blockIdx.x / row_tiles * kTile;
  const T* const w = t.w + blockIdx.y * s.w_group;
  const int64_t first_channel = int64_t{blockIdx.y} * s.channels;

  // A thread loads one window's elements.
  const uint32_t window = first_window + AcrossDepth::place(0);
  const bool has_window = window < windows;
  const WindowPlace from(s, has_window ? window : 0);
  const int32_t y0 = from.y(s), x0 = from.x(s);
  const T* const x = t.x + from.image * s.x_n + first_channel * s.x_c;

  const auto load_w = [&](int64_t step, Acc* values) {
    const uint32_t k = static_cast<uint32_t>(step) * kTileDepth + AlongDepth::depth(0);
    const TapPlace tap(s, k);
    const int64_t at = tap.channel * s.w_c + tap.i * s.w_h + tap.j * s.w_v;
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t row = first_row + AlongDepth::place(j);
      values[j] = k < depth && row < s.rows ? load(w[row * s.w_row + at]) : Acc(0);
    }
  };
  const auto load_x = [&](int64_t step, Acc* values) {
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t k = static_cast<uint32_t>(step) * kTileDepth + AcrossDepth::depth(j);
      const TapPlace tap(s, k);
      const int32_t yy = y0 + static_cast<int32_t>(tap.i) * s.h.dilation;
      const int32_t xx = x0 + static_cast<int32_t>(tap.j) * s.v.dilation;
      const bool inside = has_window && k < depth && s.h.has(yy) && s.v.has(xx);
      values[j] = inside ? load(x[tap.channel * s.x_c + yy * s.x_h + xx * s.x_v]) : Acc(0);
    }
  };
  TESSERA_SHARED(TileBuffers<Acc>, buffers);
  TileSums<Acc> tile;
  multiply_tiles<AcrossDepth>(buffers, (depth + kTileDepth - 1) / kTileDepth, tile, load_w, load_x);

  const int64_t group_row = int64_t{blockIdx.y} * s.rows;
  tile.for_each([&](uint32_t i, uint32_t j, Acc sum) {
    const uint32_t row = first_row + i, at = first_window + j;
    if (row >= s.rows || at >= windows) return;
    const WindowPlace to(s, at);
    if (t.bias != nullptr) sum += load(t.bias[(group_row + row) * s.bias_step]);
    t.y[to.image * s.y_n + (group_row + row) * s.y_row + to.p * s.y_h + to.q * s.y_v] =
        store<T>(sum);
  });
}

// A thread for each output: windows fastest, then the channels of all groups.
template <class T>
__global__ void __launch_bounds__(kNarrowThreads)
    conv_narrow(Operands<T> t, Windows s, Divisor windows, Divisor rows, uint32_t count) {
  using Acc = Computed<T>;
  for (uint64_t o = uint64_t{blockIdx.x} * kNarrowThreads + threadIdx.x; o < count;
       o += uint64_t{gridDim.x} * kNarrowThreads) {
    const uint32_t out = windows.quotient(static_cast<uint32_t>(o));
    const uint32_t group = rows.quotient(out), row = out - group * s.rows;
    const WindowPlace place(s, static_cast<uint32_t>(o) - out * windows.divisor);
    const int32_t y0 = place.y(s), x0 = place.x(s);
    const T* const w = t.w + group * s.w_group + row * s.w_row;
    const T* const x = t.x + place.image * s.x_n + int64_t{group} * s.channels * s.x_c;
    Acc sum = 0;
    for (uint32_t c = 0; c < s.channels; ++c) {
      for (int32_t i = 0; i < s.h.taps; ++i) {
        const int32_t yy = y0 + i * s.h.dilation;
        if (!s.h.has(yy)) continue;
        for (int32_t j = 0; j < s.v.taps; ++j) {
          const int32_t xx = x0 + j * s.v.dilation;
          if (!s.v.has(xx)) continue;
          sum += load(w[c * s.w_c + i * s.w_h + j * s.w_v]) *
                 load(x[c * s.x_c + yy * s.x_h + xx * s.x_v]);
        }
      }
    }
    if (t.bias != nullptr) sum += load(t.bias[out * s.bias_step]);
    t.y[place.image * s.y_n + out * s.y_row + place.p * s.y_h + place.q * s.y_v] = store<T>(sum);
  }
}

template <class T>
void launch_windows(Launcher& launcher, const Operands<T>& t, const Windows& s) {
  const uint32_t windows = static_cast<uint32_t>(s.positions());
  if (windows == 0 || s.rows == 0) return;
  if (s.rows <= kNarrowRows) {
    const uint32_t count = windows * s.rows * s.groups;
    return launcher.launch(conv_narrow<T>, launcher.blocks_for(count, kNarrowThreads),
                           kNarrowThreads, t, s, Divisor(windows), Divisor(s.rows), count);
  }
  const uint32_t tiles = (s.rows + kTile - 1) / kTile * ((windows + kTile - 1) / kTile);
  launcher.launch(conv_tiles<T>, dim3{tiles, s.groups, 1}, kTileThreads, t, s, windows,
                  static_cast<uint32_t>(s.depth()));
}

// What forward and gradient have in common: windows of x give y.
Windows windows_between(const TsrTensor& x, const TsrTensor& w, const TsrTensor& y,
                        uint32_t groups) {
  Windows s = {};
  s.images = static_cast<uint32_t>(y.shape[0]);
  s.groups = groups;
  s.rows = static_cast<uint32_t>(y.shape[1]) / groups;
  s.channels = static_cast<uint32_t>(x.shape[1]) / groups;
  s.x_n = x.strides[0];
  s.x_c = x.strides[1];
  s.x_h = x.strides[2];
  s.x_v = x.strides[3];
  s.w_h = w.strides[2];
  s.w_v = w.strides[3];
  s.y_n = y.strides[0];
  s.y_row = y.strides[1];
  s.y_h = y.strides[2];
  s.y_v = y.strides[3];
  return s;
}

// x, w, [bias] -> y
void run_forward(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &w = *node.inputs[1], &y = *node.outputs[0];
  if (element_count(y) == 0) return;
  const TsrTensor* const bias = node.n_inputs == 3 ? node.inputs[2] : nullptr;
  Windows s = windows_between(x, w, y, static_cast<uint32_t>(node.ints[6]));
  s.h = windows_of(conv_dim(node, 0, x, w.shape[2], y));
  s.v = windows_of(conv_dim(node, 1, x, w.shape[3], y));
  s.count();
  s.w_row = w.strides[0];
  s.w_c = w.strides[1];
  s.w_group = s.rows * w.strides[0];
  s.bias_step = bias == nullptr ? 0 : bias->strides[0];
  with_floating(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launch_windows<T>(launcher,
                      {data_of<T>(x), data_of<T>(w), bias == nullptr ? nullptr : data_of<T>(*bias),
                       data_of<T>(y)},
                      s);
  });
}

// The positions that a phase has, as windows of g.
WindowDim windows_of(const ConvPhase& p, int64_t size) {
  return {static_cast<int32_t>(size),
          static_cast<int32_t>(p.positions),
          static_cast<int32_t>(p.taps),
          static_cast<int32_t>(p.top),
          1,
          static_cast<int32_t>(p.dilation)};
}

// g, w -> gx
void run_backward_input(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &w = *node.inputs[1], &gx = *node.outputs[0];
  if (element_count(gx) == 0) return;
  const ConvDim h = conv_dim(node, 0, gx, w.shape[2], g), v = conv_dim(node, 1, gx, w.shape[3], g);
  const Windows all = windows_between(g, w, gx, static_cast<uint32_t>(node.ints[6]));
  with_floating(gx.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    for (int64_t i = 0; i < std::min(h.stride, h.input); ++i) {
      for (int64_t j = 0; j < std::min(v.stride, v.input); ++j) {
        const ConvPhase p = plugin::conv_phase(h, i), q = plugin::conv_phase(v, j);
        Windows s = all;
        s.h = windows_of(p, g.shape[2]);
        s.v = windows_of(q, g.shape[3]);
        s.count();
        s.w_row = w.strides[1];
        s.w_c = w.strides[0];
        s.w_group = s.channels * w.strides[0];
        s.w_h = w.strides[2] * p.tap_step;
        s.w_v = w.strides[3] * q.tap_step;
        s.y_h = gx.strides[2] * h.stride;
        s.y_v = gx.strides[3] * v.stride;
        launch_windows<T>(
            launcher,
            {data_of<T>(g), data_of<T>(w) + p.first_tap * w.strides[2] + q.first_tap * w.strides[3],
             nullptr, data_of<T>(gx) + i * gx.strides[2] + j * gx.strides[3]},
            s);
      }
    }
  });
}

TsrStatus check(const TsrNode& node, uint32_t inputs, uint32_t ints, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  bool known = plugin::is_floating(y.dtype) && y.rank == 4;
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == y.dtype;
    known = known && node.inputs[i]->rank == (i == 2 ? 1 : 4);
  }
  if (!known) return unsupported(node, "combination of dtypes and ranks", message);
  // Elements, windows and positions are counted in 31 bits, groups in blocks.
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max(), kMostGroups = 65535;
  bool fits = element_count(y) <= kMost && node.ints[6] <= kMostGroups;
  for (uint32_t i = 0; i < 2; ++i) fits = fits && element_count(*node.inputs[i]) <= kMost;
  for (uint32_t i = 0; i < 6; ++i) fits = fits && node.ints[i] <= kMost / 4;
  return fits ? TSR_OK : unsupported(node, "size", message);
}

TsrStatus check_forward(const TsrNode& node, TsrMessage* message) {
  return check(node, node.n_inputs == 3 ? 3 : 2, 7, message);
}
TsrStatus check_backward(const TsrNode& node, TsrMessage* message) {
  return check(node, 2, 9, message);
}

}  // namespace

std::span<const KernelEntry> conv_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"conv2d", make_kernel<check_forward, run_forward>()},
      {"conv2d_backward_input", make_kernel<check_backward, run_backward_input>()},
      {"conv2d_backward_weight", make_kernel<check_backward, run_conv_backward_weight>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
