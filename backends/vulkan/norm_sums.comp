// SPDX-License-Identifier: Apache-2.0
//
// Sums over the rows of layer_norm's operands for the gradients of its weight and bias: gw = the
// sum of g xhat, gb of g. A column is a row of rows.glsl; parts (parts, 2, 2, size) of WIDE, a
// value and its rest each.
//   PARTS: a part sums `part_rows` rows of g and x (rows, size)
//   FINISH: gw and gb (size) of TYPE sum the parts; either may be none (0)
#version 460
#include "common.glsl"
#include "floating.glsl"
#include "rows.glsl"
#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t g, x;
  uint64_t mean, rstd;  // (rows) of WIDE; mean may be none (0)
  uint64_t parts;
  uint64_t gw, gb;
  int rows, size, part_rows, count;  // count of parts
}
p;

int part_index(int part, int what, int column) { return (4 * part + 2 * what) * p.size + column; }

Sum load_sum(int part, int what, int column) {
  int i = part_index(part, what, column);
  return Sum(LOAD_WIDE(p.parts, i), LOAD_WIDE(p.parts, i + p.size));
}

void store_sum(int part, int what, int column, Sum s) {
  int i = part_index(part, what, column);
  STORE_WIDE(p.parts, i, s.value);
  STORE_WIDE(p.parts, i + p.size, s.rest);
}

void main() {
  int column = int(gl_WorkGroupID.x) * kRows + row_in_group();
  bool mine = column < p.size;
  Sum gw = kNoTerms, gb = kNoTerms;
#ifdef PARTS
  int part = int(gl_WorkGroupID.y);
  int end = mine ? min((part + 1) * p.part_rows, p.rows) : 0;
  for (int row = part * p.part_rows + lane(); row < end; row += LANES) {
    VALUE g = LOAD(p.g, row * p.size + column);
    VALUE d = LOAD(p.x, row * p.size + column);
    if (p.mean != uint64_t(0)) d -= LOAD_WIDE(p.mean, row);
    gw = plus(gw, g * (d * LOAD_WIDE(p.rstd, row)));
    gb = plus(gb, g);
  }
#else
  for (int part = lane(); mine && part < p.count; part += LANES) {
    gw = plus(gw, load_sum(part, 0, column));
    gb = plus(gb, load_sum(part, 1, column));
  }
#endif
  gw = row_sum(gw);
  gb = row_sum(gb);
  if (!mine || lane() != 0) return;
#ifdef PARTS
  store_sum(part, 0, column, gw);
  store_sum(part, 1, column, gb);
#else
  if (p.gw != uint64_t(0)) STORE(p.gw, column, rounded(gw));
  if (p.gb != uint64_t(0)) STORE(p.gb, column, rounded(gb));
#endif
}
