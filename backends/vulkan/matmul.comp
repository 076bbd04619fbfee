// SPDX-License-Identifier: Apache-2.0
//
// y = a b + bias for matrices, by tiles; the tile of a work group is that of its index.
#version 460
#include "common.glsl"
#include "matmul.glsl"
#include "product.glsl"
#include "types.glsl"

// Set before main() reads an element.
uint64_t a_of_batch, b_of_batch;

#define RowOfA int
#define DepthOfA int
#define ColumnOfB int
#define DepthOfB int
int row_of_a(uint m) { return int(m) * p.a_m; }
int depth_of_a(uint k) { return int(k) * p.a_k; }
VALUE at_a(int row, int depth) { return LOAD(a_of_batch, int64_t(row + depth)); }
int column_of_b(uint n) { return int(n) * p.b_n; }
int depth_of_b(uint k) { return int(k) * p.b_k; }
VALUE at_b(int column, int depth) { return LOAD(b_of_batch, int64_t(column + depth)); }

#include "gemm.glsl"

// Whether y is partial sums.
layout(constant_id = 8) const uint IS_PARTIAL = 0;

void main() {
  const uint tiles_m = (p.m + TILE_M - 1) / TILE_M, tiles_n = (p.n + TILE_N - 1) / TILE_N;
  if (group_index() >= tiles_m * tiles_n * p.batches * p.splits) return;
  const Part part =
      part_of(group_index(), tiles_m, tiles_n, IS_PARTIAL != 0 ? OF(SIZE_, PARTIAL) : SIZE);
  const uint m = part.tile_m * TILE_M, n = part.tile_n * TILE_N;
  a_of_batch = part.a;
  b_of_batch = part.b;
  gemm_tile(m, n, p.m, p.n, part.k, part.k_end);
  [[unroll]] for (uint j = 0; j < REGISTERS_N; ++j) {
    const uint column = n + column_in_tile(j);
    if (column >= p.n) continue;
    const VALUE bias = bias_at(0, column);
    [[unroll]] for (uint i = 0; i < REGISTERS_M; ++i) {
      const uint row = m + row_in_tile(i);
      if (row >= p.m) continue;
      const int64_t at = int64_t(int(row) * p.y_m + int(column) * p.y_n);
      const VALUE value = sums[i * REGISTERS_N + j] + bias;
      if (IS_PARTIAL != 0) {
        STORE_PARTIAL(part.y, at, value);
      } else {
        STORE(part.y, at, value);
      }
    }
  }
}
