// SPDX-License-Identifier: Apache-2.0
//
// Merges sorted runs by twos: every item counts how many of the other run come before it. Of the
// result of a merge the first to_run items are kept.
#version 460
#include "common.glsl"
#include "items.glsl"

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t from, to;
  uint count;             // items that are looked at: lines * runs * run
  uint runs, run, pitch;  // of a line; items of a run, and from one run to the next
  uint to_run;
}
p;

// How many items of the run at `first` come before `item`, or as well are equal to it.
uint count_before(uint first, ITEM item, bool or_equal) {
  uint low = 0u, high = p.run;
  while (low < high) {
    uint middle = (low + high) / 2u;
    ITEM other = item_at(p.from, first + middle).value;
    if (before(other, item) || (or_equal && !before(item, other))) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  return low;
}

void main() {
  uint i = thread_index();
  if (i >= p.count) return;
  uint at = i % p.run, line_run = i / p.run;
  uint run = line_run % p.runs, line = line_run / p.runs;
  uint line_from = line * p.runs * p.pitch;
  uint to = (line * ((p.runs + 1u) / 2u) + run / 2u) * p.to_run;
  ITEM item = item_at(p.from, line_from + run * p.pitch + at).value;
  uint other = run ^ 1u;
  if (other < p.runs) {
    // Only last items are equal: those of the first run are put first.
    uint place = at + count_before(line_from + other * p.pitch, item, other < run);
    if (place < p.to_run) item_at(p.to, to + place).value = item;
  } else {
    if (at < p.to_run) item_at(p.to, to + at).value = item;
    if (at + p.run < p.to_run) item_at(p.to, to + at + p.run).value = LAST_ITEM;
  }
}
