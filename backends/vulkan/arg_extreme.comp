// SPDX-License-Identifier: Apache-2.0
//
// y = the index along the reduced dim of x's first maximum, or minimum in mode MINIMUM; nan is
// both. Partial results are kept * parts keys, then as many indices.
#version 460
#include "common.glsl"
#include "order.glsl"
#include "reduce.glsl"
#include "types.glsl"

#if defined(MINIMUM)
KEY part_of(VALUE v) { return reversed(rank_of(v)); }
#else
KEY part_of(VALUE v) { return rank_of(v); }
#endif

// Equal keys are decided by the index: the result does not depend on the order of comparisons.
struct Best {
  KEY key;
  uint index;
};

shared KEY keys[kThreads];
shared uint indices[kThreads];

void improve(inout Best best, KEY key, uint index) {
  if (key > best.key || (key == best.key && index < best.index)) {
    best.key = key;
    best.index = index;
  }
}

uint64_t size_of_keys(uint count) { return uint64_t(count) * uint64_t(KEY_SIZE); }

Best best_own(int base) {
  Best best = Best(KEY(0), 0xFFFFFFFFu);
  uint index = part_begin() + reduced_lane(), end = part_end();
  walk_from(index);
  for (; index < end; index += REDUCED_LANES) {
    int offset = base + walk_offset();
    walk_on();
    if (FROM_PARTIAL != 0u) {
      uint64_t from = p.x + size_of_keys(p.kept * p.reduced);
      improve(best, LOAD_KEY(p.x, offset), load_b32(from, offset));
    } else {
      improve(best, part_of(LOAD(p.x, offset)), index);
    }
  }
  return best;
}

void main() {
  if (tile() >= tiles()) return;
  uint kept = kept_index(), lane = gl_LocalInvocationID.x;
  Best best = Best(KEY(0), 0xFFFFFFFFu);
  if (kept < p.kept) best = best_own(kept_offset(kept));
  keys[lane] = best.key;
  indices[lane] = best.index;
  for (uint step = REDUCED_LANES / 2u; step > 0u; step /= 2u) {
    barrier();
    if (reduced_lane() < step) {
      uint other = lane + step * lane_distance();
      improve(best, keys[other], indices[other]);
      keys[lane] = best.key;
      indices[lane] = best.index;
    }
  }
  if (reduced_lane() != 0u || kept >= p.kept) return;
  if (TO_PARTIAL != 0u) {
    uint place = kept * p.parts + part();
    STORE_KEY(p.y, place, best.key);
    store_b32(p.y + size_of_keys(p.kept * p.parts), place, best.index);
  } else {
    store_i64(p.y, kept, int64_t(uint64_t(best.index)));
  }
}
