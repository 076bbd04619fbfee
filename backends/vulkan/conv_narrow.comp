// SPDX-License-Identifier: Apache-2.0
//
// The product of conv.glsl for at most OUTPUTS outputs of a group, as depthwise convolutions have:
// an invocation sums those of a pixel.
#version 460
#include "common.glsl"
#include "conv.glsl"
#include "product.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint OUTPUTS = 1;

void main() {
  const uint tiles = (pixels() + gl_WorkGroupSize.x - 1) / gl_WorkGroupSize.x;
  const uint group = group_index() / tiles;
  const uint index = group_index() % tiles * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
  if (group >= p.groups || index >= pixels()) return;
  enter_group(group);
  const Pixel pixel = pixel_of(index);
  VALUE sums[OUTPUTS];
  [[unroll]] for (uint o = 0; o < OUTPUTS; ++o) sums[o] = VALUE(0);
  for (uint k = 0; k < p.channels * TAPS; ++k) {
    const Tap tap = tap_of(k);
    const VALUE x = x_at(pixel, tap);
    [[unroll]] for (uint o = 0; o < OUTPUTS; ++o) {
      if (o < p.m) sums[o] = MULTIPLY_ADD(w_at(int(o) * p.w_o, tap), x, sums[o]);
    }
  }
  [[unroll]] for (uint o = 0; o < OUTPUTS; ++o) {
    if (o >= p.m) continue;
    const uint output_of_all = group * p.m + o;
    STORE(p.y, int64_t(pixel.y + int(output_of_all) * p.y_o), sums[o] + bias_at(output_of_all));
  }
}
