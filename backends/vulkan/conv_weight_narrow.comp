// SPDX-License-Identifier: Apache-2.0
//
// The sums of conv_weight.glsl for few outputs and channels in a group, as depthwise convolutions
// have: a work group sums all taps of one output and channel, each invocation over some pixels.
#version 460
#include "common.glsl"
#include "conv_weight.glsl"
#include "product.glsl"

layout(local_size_x = 64) in;
// Whether y is partial sums.
layout(constant_id = 0) const uint IS_PARTIAL = 0;

const uint AT_ONCE = 8;  // taps that are added up over the work group
shared VALUE shared_sums[AT_ONCE * 64];

void main() {
  uint index = group_index();
  if (index >= p.channels * p.m * p.splits * p.groups) return;
  const uint channel = index % p.channels;
  index /= p.channels;
  const uint row = index % p.m;
  index /= p.m;
  const uint split = index % p.splits, group = index / p.splits;
  const uint me = gl_LocalInvocationID.x, begin = min(split * p.chunk, pixels());
  const uint end = min(begin + p.chunk, pixels());
  enter_group(group);

  VALUE sums[TAPS];
  [[unroll]] for (uint t = 0; t < TAPS; ++t) sums[t] = VALUE(0);
  for (uint k = begin + me; k < end; k += gl_WorkGroupSize.x) {
    const Pixel pixel = pixel_of(k);
    const VALUE g = g_at(row, pixel);
    [[unroll]] for (uint t = 0; t < TAPS; ++t) {
      sums[t] = MULTIPLY_ADD(g, x_at(channel, t / KERNEL_W, t % KERNEL_W, pixel), sums[t]);
    }
  }

  const int64_t y = place_of_y(split, group) + int64_t((row * p.channels + channel) * TAPS);
  [[unroll]] for (uint first = 0; first < TAPS; first += AT_ONCE) {
    barrier();
    [[unroll]] for (uint t = 0; t < AT_ONCE; ++t) {
      if (first + t < TAPS) shared_sums[t * gl_WorkGroupSize.x + me] = sums[first + t];
    }
    [[unroll]] for (uint half_of = gl_WorkGroupSize.x / 2; half_of > 0; half_of /= 2) {
      barrier();
      if (me >= half_of) continue;
      [[unroll]] for (uint t = 0; t < AT_ONCE; ++t) {
        const uint at = t * gl_WorkGroupSize.x + me;
        if (first + t < TAPS) shared_sums[at] += shared_sums[at + half_of];
      }
    }
    barrier();
    if (me >= AT_ONCE || first + me >= TAPS) continue;
    const VALUE value = shared_sums[me * gl_WorkGroupSize.x];
    if (IS_PARTIAL != 0) {
      STORE_PARTIAL(p.y, y + int64_t(first + me), value);
    } else {
      STORE(p.y, y + int64_t(first + me), value);
    }
  }
}
