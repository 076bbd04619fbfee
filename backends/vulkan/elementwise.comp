// SPDX-License-Identifier: Apache-2.0
//
// y = OP(a, b, c), y contiguous, the others strided. Compiled once for each line of
// `print_ops list` and dtype, with
//   OP        a function of ops.glsl
//   INPUTS    1, 2 or 3
//   and one of RETURNS_VALUE, RETURNS_BOOL (of values), LOGICAL (bools of bools) and WHERE
// in front, the #version included (compile_elementwise.sh).
#include "common.glsl"
#define OPERANDS INPUTS
#include "strided.glsl"
#include "types.glsl"

#if defined(TYPE_f64)
#define REAL
#define NUMBER(narrow, wide) wide
#include "math64_trig.glsl"
#elif defined(TYPE_f32) || defined(TYPE_f16) || defined(TYPE_bf16)
#define REAL
#define NUMBER(narrow, wide) narrow
#include "math_trig.glsl"
#else
#include "integer.glsl"
#endif
#ifndef WHERE
#include "ops.glsl"
#endif

// Bit i: operand i is one element for all. Looked at where RANK is 0.
layout(constant_id = 1) const int SINGLE = 0;

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t y;
  uint64_t x[INPUTS];
  uint count;
  StridedDims dims;
}
p;

void main() {
  uint index = thread_index();
  if (index >= p.count) return;
  STRIDED_OFFSETS(p.dims, int(index), offsets)
  if (RANK == 0) {
    [[unroll]] for (int i = 0; i < INPUTS; ++i) offsets[i] =
        (SINGLE >> i & 1) != 0 ? 0 : int(index);
  }
#if defined(WHERE)
  // Only what is taken is read.
  if (load_bool(p.x[0], offsets[0]) != 0) {
    STORE(p.y, index, LOAD(p.x[1], offsets[1]));
  } else {
    STORE(p.y, index, LOAD(p.x[2], offsets[2]));
  }
#elif defined(LOGICAL)
#if INPUTS == 1
  bool y = OP(load_bool(p.x[0], offsets[0]) != 0);
#else
  bool y = OP(load_bool(p.x[0], offsets[0]) != 0, load_bool(p.x[1], offsets[1]) != 0);
#endif
  store_bool(p.y, index, y ? 1 : 0);
#else
#if INPUTS == 1
#define RESULT OP(LOAD(p.x[0], offsets[0]))
#elif INPUTS == 2
#define RESULT OP(LOAD(p.x[0], offsets[0]), LOAD(p.x[1], offsets[1]))
#else
#define RESULT OP(LOAD(p.x[0], offsets[0]), LOAD(p.x[1], offsets[1]), LOAD(p.x[2], offsets[2]))
#endif
#ifdef RETURNS_BOOL
  store_bool(p.y, index, RESULT ? 1 : 0);
#else
  STORE(p.y, index, RESULT);
#endif
#endif
}
