// SPDX-License-Identifier: Apache-2.0
//
// One optimizer step of many parameters, each cut into chunks of CHUNK elements, a chunk for each
// work group. Compiled for every rule, with RULE_<name> (optimizer_rules.glsl) and TYPE_<dtype>.
#version 460
#include "common.glsl"
#include "types.glsl"

#ifdef TYPE_f64
#include "math64.glsl"
#else
#include "math.glsl"
#endif

// What the step does, of the rule's variants.
layout(constant_id = 0) const int VARIANT = 0;

const uint CHUNK = 1024;
layout(local_size_x = 256) in;

// One parameter: where p, g and the states are read, where p and the states are written. Dense.
struct Row {
  uint first_chunk;
  uint count;  // elements
  uint64_t from[5];
  uint64_t to[4];
};
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Rows { Row row; };

layout(push_constant, scalar) uniform Push {
  uint64_t rows;
  uint row_count;
  uint states;
  VALUE constants[12];
}
push;

#define C(k) push.constants[k]
#include "optimizer_rules.glsl"

const uint kRowBytes = 80;
Rows row_at(uint i) { return Rows(push.rows + uint64_t(i * kRowBytes)); }

void main() {
  uint chunk = group_index();
  // The last row that begins at this chunk or before.
  uint low = 0;
  uint high = push.row_count;
  while (high - low > 1) {
    uint middle = (low + high) / 2;
    if (row_at(middle).row.first_chunk <= chunk) {
      low = middle;
    } else {
      high = middle;
    }
  }
  Rows at = row_at(low);
  uint begin = (chunk - at.row.first_chunk) * CHUNK;
  uint end = min(begin + CHUNK, at.row.count);
  for (uint i = begin + gl_LocalInvocationID.x; i < end; i += gl_WorkGroupSize.x) {
    VALUE p = LOAD(at.row.from[0], i);
    VALUE g = LOAD(at.row.from[1], i);
    VALUE s[kStates];
    [[unroll]] for (uint k = 0; k < kStates; ++k) {
      if (k < push.states) s[k] = LOAD(at.row.from[2 + k], i);
    }
    update(p, g, s);
    STORE(at.row.to[0], i, p);
    [[unroll]] for (uint k = 0; k < kStates; ++k) {
      if (k < push.states) STORE(at.row.to[1 + k], i, s[k]);
    }
  }
}
