// SPDX-License-Identifier: Apache-2.0
//
// y = x, cast from FROM to TYPE; both strided.
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
  STORE(p.y, offsets[1], OF(to_, TYPE)(OF(load_, FROM)(p.x, offsets[0])));
}
