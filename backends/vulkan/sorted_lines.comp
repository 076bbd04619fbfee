// SPDX-License-Identifier: Apache-2.0
//
// The elements of x, and their positions, in the order of sorted items; both dense.
#version 460
#include "common.glsl"
#define OPERANDS 2
#include "items.glsl"
#include "strided.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t x, items, values, indices;
  uint count;
  int step;          // x's stride along the line
  StridedDims dims;  // over the values: x, with stride 0 along the line, and items
}
p;

void main() {
  uint i = thread_index();
  if (i >= p.count) return;
  STRIDED_OFFSETS(p.dims, int(i), offsets)
  uint position = position_of(item_at(p.items, uint(offsets[1])).value);
  STORE(p.values, i, LOAD(p.x, offsets[0] + int(position) * p.step));
  store_i64(p.indices, i, int64_t(uint64_t(position)));
}
