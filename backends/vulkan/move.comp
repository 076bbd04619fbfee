// SPDX-License-Identifier: Apache-2.0
//
// y = x, bit by bit; both strided. TYPE is one of b8, b16, b32, b64.
#version 460
#include "common.glsl"
#define OPERANDS 2
#include "strided.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t x, y;
  uint count;
  StridedDims dims;
}
p;

void main() {
  uint index = thread_index();
  if (index >= p.count) return;
  STRIDED_OFFSETS(p.dims, int(index), offsets)
  STORE(p.y, offsets[1], LOAD(p.x, offsets[0]));
}
