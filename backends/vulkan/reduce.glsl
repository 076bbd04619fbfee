// SPDX-License-Identifier: Apache-2.0
//
// What shaders that reduce share (reduce_plan.h): which elements an invocation looks at.
//
// x has kept dims and reduced dims. A work group has KEPT_LANES x REDUCED_LANES invocations; its
// REDUCED_LANES go through one part of the reduced elements of a kept index together.
#ifndef TESSERA_VULKAN_REDUCE_GLSL_
#define TESSERA_VULKAN_REDUCE_GLSL_

const int kLoopDims = 6;
const uint kThreads = 256;

layout(local_size_x = 256) in;

layout(constant_id = 0) const int KEPT_RANK = 1;
layout(constant_id = 1) const int REDUCED_RANK = 1;
layout(constant_id = 2) const uint REDUCED_LANES = 256;
// Whether neighbours in the work group stand along the reduced dims, or along the kept ones.
layout(constant_id = 3) const uint ROWS = 1;
// Whether x, or y, are partial results.
layout(constant_id = 4) const uint FROM_PARTIAL = 0;
layout(constant_id = 5) const uint TO_PARTIAL = 0;

const uint KEPT_LANES = kThreads / REDUCED_LANES;

layout(push_constant, scalar) uniform Push {
  uint64_t x, y;
  uint kept, reduced;    // elements of the kept and the reduced dims
  uint per_part, parts;  // the reduced elements are cut into parts
  // Dims innermost first; sizes without the outermost.
  int kept_sizes[kLoopDims - 1];
  int kept_strides[kLoopDims];
  int reduced_sizes[kLoopDims - 1];
  int reduced_strides[kLoopDims];
}
p;

uint reduced_lane() {
  uint lane = gl_LocalInvocationID.x;
  return ROWS != 0u ? lane % REDUCED_LANES : lane / KEPT_LANES;
}
// How far apart in the work group two neighbours along the reduced elements are.
uint lane_distance() { return ROWS != 0u ? 1u : KEPT_LANES; }

// The work group's tile of KEPT_LANES kept indices; beyond tiles() there is nothing to do.
uint tile() { return group_index() / p.parts; }
uint tiles() { return (p.kept + KEPT_LANES - 1u) / KEPT_LANES; }
uint part() { return group_index() % p.parts; }

// This invocation's; may be p.kept or more.
uint kept_index() {
  uint lane = gl_LocalInvocationID.x;
  return tile() * KEPT_LANES + (ROWS != 0u ? lane / REDUCED_LANES : lane % KEPT_LANES);
}
int kept_offset(uint index) {
  int rest = int(index), offset = 0;
  [[unroll]] for (int k = 0; k < KEPT_RANK; ++k) {
    int at = rest;
    if (k < KEPT_RANK - 1) {
      rest = rest / p.kept_sizes[k];
      at -= rest * p.kept_sizes[k];
    }
    offset += at * p.kept_strides[k];
  }
  return offset;
}

uint part_begin() { return part() * p.per_part; }
uint part_end() { return min(part_begin() + p.per_part, p.reduced); }

// A walk over reduced elements in steps of REDUCED_LANES, by adding with carry.
int walk_at[kLoopDims], walk_step[kLoopDims];

void walk_from(uint index) {
  int rest = int(index), step = int(REDUCED_LANES);
  [[unroll]] for (int k = 0; k < REDUCED_RANK; ++k) {
    walk_at[k] = rest;
    walk_step[k] = step;
    if (k < REDUCED_RANK - 1) {
      rest = rest / p.reduced_sizes[k];
      walk_at[k] -= rest * p.reduced_sizes[k];
      step = step / p.reduced_sizes[k];
      walk_step[k] -= step * p.reduced_sizes[k];
    }
  }
}

int walk_offset() {
  int offset = 0;
  [[unroll]] for (int k = 0; k < REDUCED_RANK; ++k) offset += walk_at[k] * p.reduced_strides[k];
  return offset;
}

void walk_on() {
  int carry = 0;
  [[unroll]] for (int k = 0; k < REDUCED_RANK; ++k) {
    walk_at[k] += walk_step[k] + carry;
    if (k < REDUCED_RANK - 1) {
      carry = walk_at[k] >= p.reduced_sizes[k] ? 1 : 0;
      walk_at[k] -= carry * p.reduced_sizes[k];
    }
  }
}

#endif  // TESSERA_VULKAN_REDUCE_GLSL_
