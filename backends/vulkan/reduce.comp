// SPDX-License-Identifier: Apache-2.0
//
// y = the sum, product, maximum or minimum of x over its reduced dims, or of parts of them.
//
// Modes: SUM, PROD, MAXIMUM, MINIMUM. Sums and products of half floats are taken in float32;
// extremes are taken of keys (order.glsl), in which nan wins.
#version 460
#include "common.glsl"
#include "reduce.glsl"
#include "types.glsl"
#extension GL_KHR_shader_subgroup_arithmetic : require

#if defined(MAXIMUM) || defined(MINIMUM)

#include "order.glsl"
#define PART KEY
#define LOAD_PART LOAD_KEY
#define STORE_PART STORE_KEY
#define NEUTRAL KEY(0)
#define OVER_SUBGROUP subgroupMax
PART combine(PART a, PART b) { return max(a, b); }
#if defined(MAXIMUM)
PART part_of(VALUE v) { return key_of(v); }
VALUE result_of(PART part) { return value_of(part); }
#else
PART part_of(VALUE v) { return reversed(key_of(v)); }
VALUE result_of(PART part) { return value_of(reversed(part)); }
#endif

#else

#include "accumulate.glsl"
PART part_of(VALUE v) { return v; }
VALUE result_of(PART part) { return part; }
#if defined(PROD)
#define OVER_SUBGROUP subgroupMul
#else
#define OVER_SUBGROUP subgroupAdd
#endif

#endif

shared PART cells[kThreads];

PART load_next(int base) {
  int offset = base + walk_offset();
  walk_on();
  if (FROM_PARTIAL != 0u) return LOAD_PART(p.x, offset);
  return part_of(LOAD(p.x, offset));
}

// The reduction over this invocation's elements.
PART reduce_own(int base) {
  PART result = NEUTRAL;
  uint index = part_begin() + reduced_lane(), end = part_end();
  walk_from(index);
  for (; index + 3u * REDUCED_LANES < end; index += 4u * REDUCED_LANES) {
    PART a = load_next(base), b = load_next(base), c = load_next(base), d = load_next(base);
    result = combine(result, combine(combine(a, b), combine(c, d)));
  }
  for (; index < end; index += REDUCED_LANES) result = combine(result, load_next(base));
  return result;
}

void store(uint kept, PART result) {
  if (TO_PARTIAL != 0u) {
    STORE_PART(p.y, kept * p.parts + part(), result);
  } else {
    STORE(p.y, kept, result_of(result));
  }
}

void main() {
  if (tile() >= tiles()) return;
  uint kept = kept_index(), lane = gl_LocalInvocationID.x;
  PART result = NEUTRAL;
  if (kept < p.kept) result = reduce_own(kept_offset(kept));

#if !defined(TYPE_f64) && !defined(TYPE_i64)
  if (KEPT_LANES == 1u) {
    result = OVER_SUBGROUP(result);
    if (subgroupElect()) cells[gl_SubgroupID] = result;
    barrier();
    if (lane != 0u) return;
    result = cells[0];
    for (uint k = 1u; k < gl_NumSubgroups; ++k) result = combine(result, cells[k]);
    store(kept, result);
    return;
  }
#endif

  cells[lane] = result;
  for (uint step = REDUCED_LANES / 2u; step > 0u; step /= 2u) {
    barrier();
    if (reduced_lane() < step) {
      result = combine(result, cells[lane + step * lane_distance()]);
      cells[lane] = result;
    }
  }
  if (reduced_lane() == 0u && kept < p.kept) store(kept, result);
}
