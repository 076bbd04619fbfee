// SPDX-License-Identifier: Apache-2.0
//
// Sorts every BLOCK items, a power of two, in place: bitonically, in shared memory.
#version 460
#include "common.glsl"
#include "items.glsl"

layout(local_size_x = 256) in;

layout(constant_id = 0) const uint BLOCK = 2;

// As many as 8 KiB hold.
const uint kItems = 8192 / ITEM_SIZE;

layout(push_constant, scalar) uniform Push {
  uint64_t items;
  uint count;
}
p;

shared ITEM cells[kItems];

void sort_pair(uint a, uint b) {
  ITEM low = cells[a], high = cells[b];
  if (before(high, low)) {
    cells[a] = high;
    cells[b] = low;
  }
}

void main() {
  uint lane = gl_LocalInvocationID.x, threads = gl_WorkGroupSize.x;
  uint first = group_index() * kItems;
  if (first >= p.count) return;
  for (uint i = lane; i < kItems; i += threads) {
    cells[i] = first + i < p.count ? item_at(p.items, first + i).value : LAST_ITEM;
  }
  // Two sorted runs become one: the second is compared backwards, the halves then as usual.
  for (uint run = 1u; run < BLOCK; run *= 2u) {
    barrier();
    for (uint i = lane; i < kItems / 2u; i += threads) {
      uint base = i / run * 2u * run, at = i % run;
      sort_pair(base + at, base + 2u * run - 1u - at);
    }
    for (uint half_run = run / 2u; half_run > 0u; half_run /= 2u) {
      barrier();
      for (uint i = lane; i < kItems / 2u; i += threads) {
        uint a = i / half_run * 2u * half_run + i % half_run;
        sort_pair(a, a + half_run);
      }
    }
  }
  barrier();
  for (uint i = lane; i < kItems; i += threads) {
    if (first + i < p.count) item_at(p.items, first + i).value = cells[i];
  }
}
