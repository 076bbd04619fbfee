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
// An invocation takes 8 bytes of operands. Addresses are multiples of what is loaded at once.
layout(constant_id = 2) const bool PACKED = false;

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t y;
  uint64_t x[INPUTS];
  uint count;
  StridedDims dims;
}
p;

#if defined(WHERE)
#define CONDITION_SIZE 1
#else
#define CONDITION_SIZE SIZE
#endif
#if defined(LOGICAL) || defined(RETURNS_BOOL)
#define OUT_SIZE 1
#else
#define OUT_SIZE SIZE
#endif

const uint kPacked = 8 / SIZE;
#define PER_INVOCATION (PACKED ? kPacked : 1u)

// Operands of this invocation, as bits.
uint64_t words[INPUTS];

uint size_of(int i) { return i == 0 ? CONDITION_SIZE : SIZE; }

bool is_single(int i) { return RANK == 0 && (SINGLE >> i & 1) != 0; }

// Element k of operand i, in the low bits.
uint64_t element_bits(int i, uint k) {
  return PACKED && !is_single(i) ? words[i] >> (k * size_of(i) * 8u) : words[i];
}
#define BITS_OF(i) element_bits(i, k)
#define VALUE_OF(i) OF(of_bits_, TYPE)(BITS_OF(i))
#define TRUTH_OF(i) (of_bits_b8(BITS_OF(i)) != 0u)

// The bits of element k of the result.
uint64_t result_bits(uint k) {
#if defined(WHERE)
  return OF(bits_of_, TYPE)(TRUTH_OF(0) ? VALUE_OF(1) : VALUE_OF(2));
#elif defined(LOGICAL)
#if INPUTS == 1
  return bits_of_bool(OP(TRUTH_OF(0)) ? 1 : 0);
#else
  return bits_of_bool(OP(TRUTH_OF(0), TRUTH_OF(1)) ? 1 : 0);
#endif
#else
#if INPUTS == 1
#define RESULT OP(VALUE_OF(0))
#elif INPUTS == 2
#define RESULT OP(VALUE_OF(0), VALUE_OF(1))
#else
#define RESULT OP(VALUE_OF(0), VALUE_OF(1), VALUE_OF(2))
#endif
#ifdef RETURNS_BOOL
  return bits_of_bool(RESULT ? 1 : 0);
#else
  return OF(bits_of_, TYPE)(RESULT);
#endif
#endif
}

void main() {
  uint first = thread_index() * PER_INVOCATION;
  if (first >= p.count) return;
  STRIDED_OFFSETS(p.dims, int(first), offsets)
  [[unroll]] for (int i = 0; i < INPUTS; ++i) {
    int64_t place = is_single(i) ? 0 : RANK == 0 ? int64_t(first) : int64_t(offsets[i]);
    uint64_t address = element(p.x[i], place, int(size_of(i)));
    if (PACKED && !is_single(i)) {
      words[i] = load_word(address, size_of(i) * kPacked);
    } else {
      words[i] = load_word(address, size_of(i));
    }
  }
  uint64_t y = 0;
  for (uint k = 0; k < PER_INVOCATION; ++k) y |= result_bits(k) << (k * OUT_SIZE * 8u);
  uint64_t place = p.y + uint64_t(first) * OUT_SIZE;
  if (!PACKED) {
    store_word(place, OUT_SIZE, y);
  } else {
    if (first + kPacked <= p.count) store_word(place, OUT_SIZE * kPacked, y);
    // The last, partial one.
    uint left = first + kPacked <= p.count ? 0 : p.count - first;
    for (uint k = 0; k < left; ++k) {
      store_word(place + k * OUT_SIZE, OUT_SIZE, y >> (k * OUT_SIZE * 8u));
    }
  }
}
