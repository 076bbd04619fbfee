// SPDX-License-Identifier: Apache-2.0
//
// y = a b + bias for matrices where b has at most COLUMNS columns: every element of a is read once.
// A work group sums ROWS rows, each by DEPTHS invocations, whose sums are added in a tree.
#version 460
#include "common.glsl"
#include "matmul.glsl"
#include "product.glsl"
#include "types.glsl"

layout(local_size_x_id = 0) in;
// Powers of two; their product is the number of invocations.
layout(constant_id = 1) const uint ROWS = 8;
layout(constant_id = 2) const uint DEPTHS = 32;
layout(constant_id = 3) const uint COLUMNS = 1;
// Whether neighbours load elements that follow each other in depth; else in rows.
layout(constant_id = 4) const uint ALONG_DEPTH = 1;
layout(constant_id = 5) const uint IS_PARTIAL = 0;

shared VALUE shared_sums[COLUMNS * DEPTHS * ROWS];

void main() {
  const uint tiles = (p.m + ROWS - 1) / ROWS;
  if (group_index() >= tiles * p.batches * p.splits) return;
  const Part part = part_of(group_index(), tiles, 1, IS_PARTIAL != 0 ? OF(SIZE_, PARTIAL) : SIZE);
  const uint me = gl_LocalInvocationID.x;
  const uint depth = ALONG_DEPTH != 0 ? me % DEPTHS : me / ROWS;
  const uint row_in_group = ALONG_DEPTH != 0 ? me / DEPTHS : me % ROWS;
  const uint row = part.tile_m * ROWS + row_in_group;

  VALUE sums[COLUMNS];
  [[unroll]] for (uint j = 0; j < COLUMNS; ++j) sums[j] = VALUE(0);
  if (row < p.m) {
    for (uint k = part.k + depth; k < part.k_end; k += DEPTHS) {
      const VALUE a = LOAD(part.a, int64_t(int(row) * p.a_m + int(k) * p.a_k));
      [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
        if (j < p.n) {
          const VALUE b = LOAD(part.b, int64_t(int(k) * p.b_k + int(j) * p.b_n));
          sums[j] = MULTIPLY_ADD(a, b, sums[j]);
        }
      }
    }
  }

  [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
    shared_sums[(j * DEPTHS + depth) * ROWS + row_in_group] = sums[j];
  }
  for (uint half_of = DEPTHS / 2; half_of > 0; half_of /= 2) {
    barrier();
    if (depth < half_of) {
      [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
        const uint at = (j * DEPTHS + depth) * ROWS + row_in_group;
        shared_sums[at] += shared_sums[at + half_of * ROWS];
      }
    }
  }
  barrier();
  if (depth != 0 || row >= p.m) return;
  for (uint j = 0; j < min(COLUMNS, p.n); ++j) {
    const VALUE value = shared_sums[j * DEPTHS * ROWS + row_in_group];
    const int64_t at = int64_t(int(row) * p.y_m + int(j) * p.y_n);
    if (IS_PARTIAL != 0) {
      STORE_PARTIAL(part.y, at, value);
    } else {
      STORE(part.y, at, value + bias_at(row, j));
    }
  }
}
