// SPDX-License-Identifier: Apache-2.0
//
// y = the sum of partial sums, in order, + bias: x (splits, count), y (.., columns, run), bias
// (columns).
#version 460
#include "common.glsl"
#include "product.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t x, bias, y;  // bias may be 0: none
  uint count, splits, columns, run;
  int bias_stride;
}
p;

void main() {
  const uint index = thread_index();
  if (index >= p.count) return;
  VALUE sum = VALUE(0);
  for (uint i = 0; i < p.splits; ++i) {
    sum += LOAD_PARTIAL(p.x, int64_t(i) * int64_t(p.count) + int64_t(index));
  }
  if (p.bias != 0) sum += LOAD(p.bias, int64_t(int(index / p.run % p.columns) * p.bias_stride));
  STORE(p.y, int64_t(index), sum);
}
