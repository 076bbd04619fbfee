// SPDX-License-Identifier: Apache-2.0
//
// y[i] = start + i step, computed in int64, or in WIDE: float64 where the device has it.
#version 460
#include "common.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

#if defined(TYPE_i32) || defined(TYPE_i64) || defined(TYPE_u8)
#undef WIDE
#define WIDE i64
#endif

layout(push_constant, scalar) uniform Push {
  uint64_t start, step, y;
  uint count;
}
p;

void main() {
  uint index = thread_index();
  if (index >= p.count) return;
  OF(VALUE_, WIDE) start = OF(to_, WIDE)(LOAD(p.start, 0)), step = OF(to_, WIDE)(LOAD(p.step, 0));
  STORE(p.y, index, OF(to_, TYPE)(start + OF(VALUE_, WIDE)(index) * step));
}
