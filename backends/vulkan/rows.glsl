// SPDX-License-Identifier: Apache-2.0
//
// Work groups that reduce rows: LANES invocations to a row, 256 / LANES rows to a group (rows.h).
// Every invocation has to call the reductions, those without a row too.
#ifndef TESSERA_VULKAN_ROWS_GLSL_
#define TESSERA_VULKAN_ROWS_GLSL_

#include "floating.glsl"
#include "types.glsl"

#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require

layout(constant_id = 0) const int LANES = 256;
// Whether adjacent invocations belong to adjacent rows, else to one row.
layout(constant_id = 1) const int ACROSS = 0;

layout(local_size_x = 256) in;

const int kRows = 256 / LANES;

int lane() {
  int i = int(gl_LocalInvocationID.x);
  return ACROSS != 0 ? i / kRows : i % LANES;
}
int row_in_group() {
  int i = int(gl_LocalInvocationID.x);
  return ACROSS != 0 ? i % kRows : i / LANES;
}
#define row_index() (int(group_index()) * kRows + row_in_group())

shared VALUE row_values[256];

// A row's sum or maximum for all its lanes: by subgroups where a row has the whole group, else as a
// tree. The maximum of what has a nan is any.
#define ROW_REDUCTION(name, of_subgroup, combine)                                              \
  VALUE name(VALUE value) {                                                                    \
    if (LANES == 1) return value;                                                              \
    barrier();                                                                                 \
    if (LANES == 256) {                                                                        \
      value = of_subgroup(value);                                                              \
      if (subgroupElect()) row_values[gl_SubgroupID] = value;                                  \
      barrier();                                                                               \
      value = row_values[0];                                                                   \
      for (uint i = 1u; i < gl_NumSubgroups; ++i) value = combine(value, row_values[i]);       \
      return value;                                                                            \
    }                                                                                          \
    int i = int(gl_LocalInvocationID.x);                                                       \
    int step_ = ACROSS != 0 ? kRows : 1;                                                       \
    row_values[i] = value;                                                                     \
    [[unroll]] for (int span = LANES / 2; span > 0; span /= 2) {                               \
      barrier();                                                                               \
      if (lane() < span) row_values[i] = combine(row_values[i], row_values[i + span * step_]); \
    }                                                                                          \
    barrier();                                                                                 \
    return row_values[ACROSS != 0 ? row_in_group() : row_in_group() * LANES];                  \
  }

#define ROW_PLUS(a, b) ((a) + (b))
ROW_REDUCTION(row_sum, subgroupAdd, ROW_PLUS)
ROW_REDUCTION(row_max, subgroupMax, max)

// A sum of many terms, with what was rounded off it.
struct Sum {
  VALUE value, rest;
};

const Sum kNoTerms = Sum(VALUE(0), VALUE(0));

Sum plus(Sum s, VALUE term) {
  precise VALUE value = s.value + term;
  precise VALUE added = value - s.value;
  precise VALUE lost = (s.value - (value - added)) + (term - added);
  return Sum(value, s.rest + lost);
}

Sum plus(Sum a, Sum b) {
  Sum s = plus(a, b.value);
  return Sum(s.value, s.rest + b.rest);
}

VALUE rounded(Sum s) { return is_finite(s.value) ? s.value + s.rest : s.value; }

shared VALUE row_rests[256];

// A row's sum for its first lane.
Sum row_sum(Sum s) {
  int i = int(gl_LocalInvocationID.x);
  int step_ = ACROSS != 0 ? kRows : 1;
  barrier();
  row_values[i] = s.value;
  row_rests[i] = s.rest;
  [[unroll]] for (int span = LANES / 2; span > 0; span /= 2) {
    barrier();
    if (lane() < span) {
      s = plus(s, Sum(row_values[i + span * step_], row_rests[i + span * step_]));
      row_values[i] = s.value;
      row_rests[i] = s.rest;
    }
  }
  return s;
}

#endif  // TESSERA_VULKAN_ROWS_GLSL_
