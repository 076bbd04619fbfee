// SPDX-License-Identifier: Apache-2.0
//
// dots (rows) of WIDE = the sums of a b over rows of a, b (rows, size).
#version 460
#include "common.glsl"
#include "floating.glsl"
#include "rows.glsl"
#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t a, b, dots;
  int rows, size;
}
p;

void main() {
  int row = row_index();
  bool mine = row < p.rows;
  int first = mine ? row * p.size : 0;
  int size = mine ? p.size : 0;
  VALUE sum = VALUE(0);
  for (int k = lane(); k < size; k += LANES) sum += LOAD(p.a, first + k) * LOAD(p.b, first + k);
  sum = row_sum(sum);
  if (mine && lane() == 0) STORE_WIDE(p.dots, row, sum);
}
