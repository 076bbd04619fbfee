// SPDX-License-Identifier: Apache-2.0
//
// The product of conv.glsl by tiles of outputs and pixels.
#version 460
#include "common.glsl"
#include "conv.glsl"
#include "product.glsl"

#define RowOfA int
#define DepthOfA Tap
#define ColumnOfB Pixel
#define DepthOfB Tap
int row_of_a(uint m) { return int(m) * p.w_o; }
Tap depth_of_a(uint k) { return tap_of(k); }
VALUE at_a(int row, Tap tap) { return w_at(row, tap); }
Pixel column_of_b(uint n) { return pixel_of(n); }
Tap depth_of_b(uint k) { return tap_of(k); }
VALUE at_b(Pixel pixel, Tap tap) { return x_at(pixel, tap); }

#include "gemm.glsl"

// Parts of the depth, if more than 1 then summed later: y is (SPLITS, y).
layout(constant_id = 8) const uint SPLITS = 1;

void main() {
  const uint tiles_m = (p.m + TILE_M - 1) / TILE_M, tiles_n = (pixels() + TILE_N - 1) / TILE_N;
  // Tiles of the same pixels follow each other, then pixels, splits, groups.
  uint index = group_index();
  if (index >= tiles_m * tiles_n * SPLITS * p.groups) return;
  const uint m = index % tiles_m * TILE_M;
  index /= tiles_m;
  const uint n = index % tiles_n * TILE_N;
  index /= tiles_n;
  const uint split = index % SPLITS, group = index / SPLITS;
  const uint depth = p.channels * TAPS;
  const uint k = min(split * p.chunk, depth);
  enter_group(group);
  gemm_tile(m, n, p.m, pixels(), k, min(k + p.chunk, depth));
  const int64_t split_of_y = int64_t(split) * int64_t(p.images * p.groups * p.m) * int64_t(p.y_o);
  [[unroll]] for (uint j = 0; j < REGISTERS_N; ++j) {
    const uint column = n + column_in_tile(j);
    if (column >= pixels()) continue;
    const int y_of_pixel = pixel_of(column).y;
    [[unroll]] for (uint i = 0; i < REGISTERS_M; ++i) {
      const uint row = m + row_in_tile(i);
      if (row >= p.m) continue;
      const uint output_of_all = group * p.m + row;
      const int at = y_of_pixel + int(output_of_all) * p.y_o;
      const VALUE value = sums[i * REGISTERS_N + j];
      if (SPLITS > 1) {
        STORE_PARTIAL(p.y, split_of_y + int64_t(at), value);
      } else {
        STORE(p.y, int64_t(at), value + bias_at(output_of_all));
      }
    }
  }
}
