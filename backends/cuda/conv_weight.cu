// SPDX-License-Identifier: Apache-2.0
//
// The gradient of conv2d for its weight: rows are output channels, columns are (channel, tap), the
// depth is the windows of all images. That is deep, where there are few tiles: it is cut into
// parts, which a second kernel sums in order.
#include <algorithm>

#include "tessera/backends/cuda/conv_node.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/row_group.h"
#include "tessera/backends/cuda/tile_product.h"

namespace tessera::cuda {
namespace {

constexpr int64_t kLeastPart = 256;  // windows that are worth a part
constexpr int64_t kMostParts = 256;

// In Windows' terms y is g, and w is the output, dense.
template <class T>
struct Operands {
  const T *g, *x;
};

// out (gridDim.z, groups * rows, columns): of windows blockIdx.z * part ...
template <class T, class Out>
__global__ void __launch_bounds__(kTileThreads)
    weight_tiles(Operands<T> t, Out* out, Windows s, uint32_t windows, uint32_t columns,
                 uint32_t part) {
  using Acc = Computed<T>;
  const uint32_t row_tiles = (s.rows + kTile - 1) / kTile;
  const uint32_t first_row = blockIdx.x % row_tiles * kTile;
  const uint32_t first_column = blockIdx.x / row_tiles * kTile;
  const uint32_t begin = blockIdx.z * part;
  const uint32_t end = begin + part < windows ? begin + part : windows;
  const T* const g = t.g + int64_t{blockIdx.y} * s.rows * s.y_row;
  const T* const x = t.x + int64_t{blockIdx.y} * s.channels * s.x_c;

  // What a thread loads of windows: always of the same columns.
  int64_t column_at[kTileLoads];
  int32_t column_y[kTileLoads], column_x[kTileLoads];
  TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
    const uint32_t column = first_column + AlongDepth::place(j);
    const TapPlace tap(s, column);
    column_at[j] = column < columns ? tap.channel * s.x_c : -1;
    column_y[j] = static_cast<int32_t>(tap.i) * s.h.dilation;
    column_x[j] = static_cast<int32_t>(tap.j) * s.v.dilation;
  }
  const auto load_g = [&](int64_t step, Acc* values) {
    const uint32_t k = begin + static_cast<uint32_t>(step) * kTileDepth + AlongDepth::depth(0);
    const WindowPlace from(s, k < end ? k : 0);
    const int64_t at = from.image * s.y_n + from.p * s.y_h + from.q * s.y_v;
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t row = first_row + AlongDepth::place(j);
      values[j] = k < end && row < s.rows ? load(g[at + row * s.y_row]) : Acc(0);
    }
  };
  const auto load_x = [&](int64_t step, Acc* values) {
    const uint32_t k = begin + static_cast<uint32_t>(step) * kTileDepth + AlongDepth::depth(0);
    const WindowPlace from(s, k < end ? k : 0);
    const T* const image = x + from.image * s.x_n;
    const int32_t y0 = from.y(s), x0 = from.x(s);
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const int32_t yy = y0 + column_y[j], xx = x0 + column_x[j];
      const bool inside = k < end && column_at[j] >= 0 && s.h.has(yy) && s.v.has(xx);
      values[j] = inside ? load(image[column_at[j] + yy * s.x_h + xx * s.x_v]) : Acc(0);
    }
  };
  TESSERA_SHARED(TileBuffers<Acc>, buffers);
  TileSums<Acc> tile;
  const int64_t steps = begin < end ? (end - begin + kTileDepth - 1) / kTileDepth : 0;
  multiply_tiles<AlongDepth>(buffers, steps, tile, load_g, load_x);

  const int64_t rows = int64_t{s.groups} * s.rows;
  Out* const to = out + (blockIdx.z * rows + int64_t{blockIdx.y} * s.rows) * columns;
  tile.for_each([&](uint32_t i, uint32_t j, Acc sum) {
    const uint32_t row = first_row + i, column = first_column + j;
    if (row >= s.rows || column >= columns) return;
    Out& at = to[int64_t{row} * columns + column];
    if constexpr (std::is_same_v<Out, Acc>) {
      at = sum;
    } else {
      at = store<Out>(sum);
    }
  });
}

// parts (count, n) -> out (n)
template <class T>
__global__ void __launch_bounds__(kTileThreads)
    sum_parts(const Computed<T>* parts, T* out, uint32_t count, int64_t n) {
  for (int64_t i = int64_t{blockIdx.x} * kTileThreads + threadIdx.x; i < n;
       i += int64_t{gridDim.x} * kTileThreads) {
    Computed<T> sum = 0;
    for (uint32_t p = 0; p < count; ++p) sum += parts[p * n + i];
    out[i] = store<T>(sum);
  }
}

// For few outputs of a group: a block for each element of out (groups * rows, columns).
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    weight_narrow(Operands<T> t, T* out, Windows s, uint32_t windows, uint32_t columns) {
  using Acc = Computed<T>;
  const uint32_t row = blockIdx.x / columns;
  const TapPlace tap(s, blockIdx.x - row * columns);
  const T* const g = t.g + row * s.y_row;
  const T* const x = t.x + (int64_t{row / s.rows} * s.channels + tap.channel) * s.x_c;
  const int32_t y0 = static_cast<int32_t>(tap.i) * s.h.dilation;
  const int32_t x0 = static_cast<int32_t>(tap.j) * s.v.dilation;
  Acc sum = 0;
  for (uint32_t k = threadIdx.x; k < windows; k += kRowThreads) {
    const WindowPlace from(s, k);
    const int32_t yy = from.y(s) + y0, xx = from.x(s) + x0;
    if (!s.h.has(yy) || !s.v.has(xx)) continue;
    sum += load(g[from.image * s.y_n + from.p * s.y_h + from.q * s.y_v]) *
           load(x[from.image * s.x_n + yy * s.x_h + xx * s.x_v]);
  }
  sum = reduce_block(sum, Add());
  if (threadIdx.x == 0) out[blockIdx.x] = store<T>(sum);
}

template <class T>
void launch(Launcher& launcher, const Operands<T>& t, T* out, const Windows& s) {
  const uint32_t windows = static_cast<uint32_t>(s.positions());
  const uint32_t columns = static_cast<uint32_t>(s.depth());
  const int64_t n = int64_t{s.groups} * s.rows * columns;
  if (s.rows <= kNarrowRows) {
    return launcher.launch(weight_narrow<T>, static_cast<uint32_t>(n), kRowThreads, t, out, s,
                           windows, columns);
  }
  const uint32_t tiles = (s.rows + kTile - 1) / kTile * ((columns + kTile - 1) / kTile);
  const int64_t wanted = 4 * launcher.properties().multiProcessorCount /
                         std::max<int64_t>(1, int64_t{tiles} * s.groups);
  const uint32_t parts = static_cast<uint32_t>(
      std::clamp<int64_t>(std::min(wanted, windows / kLeastPart), 1, kMostParts));
  const uint32_t part = (windows + parts - 1) / parts;
  const dim3 grid = {tiles, s.groups, parts};
  if (parts == 1) {
    return launcher.launch(weight_tiles<T, T>, grid, kTileThreads, t, out, s, windows, columns,
                           part);
  }
  auto* sums = launcher.scratch<Computed<T>>(parts * n);
  launcher.launch(weight_tiles<T, Computed<T>>, grid, kTileThreads, t, sums, s, windows, columns,
                  part);
  launcher.launch(sum_parts<T>, launcher.blocks_for(n, kTileThreads), kTileThreads, sums, out,
                  parts, n);
}

}  // namespace

// g (N, O, oh, ow), x (N, C, H, W) -> gw (O, C / groups, kh, kw)
void run_conv_backward_weight(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &x = *node.inputs[1], &gw = *node.outputs[0];
  if (element_count(gw) == 0) return;
  Windows s = {};
  s.h = windows_of(conv_dim(node, 0, x, gw.shape[2], g));
  s.v = windows_of(conv_dim(node, 1, x, gw.shape[3], g));
  s.images = static_cast<uint32_t>(g.shape[0]);
  s.groups = static_cast<uint32_t>(node.ints[6]);
  s.rows = static_cast<uint32_t>(g.shape[1]) / s.groups;
  s.channels = static_cast<uint32_t>(gw.shape[1]);
  s.x_n = x.strides[0];
  s.x_c = x.strides[1];
  s.x_h = x.strides[2];
  s.x_v = x.strides[3];
  s.y_n = g.strides[0];
  s.y_row = g.strides[1];
  s.y_h = g.strides[2];
  s.y_v = g.strides[3];
  s.count();
  with_floating(gw.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launch<T>(launcher, {data_of<T>(g), data_of<T>(x)}, data_of<T>(gw), s);
  });
}

}  // namespace tessera::cuda
