// SPDX-License-Identifier: Apache-2.0
//
// The sums of conv_weight.glsl by tiles of outputs and of channels with their taps.
#version 460
#include "common.glsl"
#include "conv_weight.glsl"
#include "product.glsl"

#define RowOfA uint
#define DepthOfA Pixel
#define ColumnOfB uvec3
#define DepthOfB Pixel
uint row_of_a(uint m) { return m; }
Pixel depth_of_a(uint k) { return pixel_of(k); }
VALUE at_a(uint row, Pixel pixel) { return g_at(row, pixel); }
uvec3 column_of_b(uint n) {
  const uint channel = n / TAPS, tap = n - channel * TAPS, i = tap / KERNEL_W;
  return uvec3(channel, i, tap - i * KERNEL_W);
}
Pixel depth_of_b(uint k) { return pixel_of(k); }
VALUE at_b(uvec3 column, Pixel pixel) { return x_at(column.x, column.y, column.z, pixel); }

#include "gemm.glsl"

// Whether y is partial sums.
layout(constant_id = 8) const uint IS_PARTIAL = 0;

void main() {
  const uint columns = p.channels * TAPS;
  const uint tiles_m = (p.m + TILE_M - 1) / TILE_M, tiles_n = (columns + TILE_N - 1) / TILE_N;
  uint index = group_index();
  if (index >= tiles_m * tiles_n * p.splits * p.groups) return;
  const uint n = index % tiles_n * TILE_N;
  index /= tiles_n;
  const uint m = index % tiles_m * TILE_M;
  index /= tiles_m;
  const uint split = index % p.splits, group = index / p.splits;
  const uint k = min(split * p.chunk, pixels());
  enter_group(group);
  gemm_tile(m, n, p.m, columns, k, min(k + p.chunk, pixels()));
  const int64_t y = place_of_y(split, group);
  [[unroll]] for (uint j = 0; j < REGISTERS_N; ++j) {
    const uint column = n + column_in_tile(j);
    [[unroll]] for (uint i = 0; i < REGISTERS_M; ++i) {
      const uint row = m + row_in_tile(i);
      if (row >= p.m || column >= columns) continue;
      const int64_t at = y + int64_t(row * columns + column);
      if (IS_PARTIAL != 0) {
        STORE_PARTIAL(p.y, at, sums[i * REGISTERS_N + j]);
      } else {
        STORE(p.y, at, sums[i * REGISTERS_N + j]);
      }
    }
  }
}
