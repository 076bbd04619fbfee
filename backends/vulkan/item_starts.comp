// SPDX-License-Identifier: Apache-2.0
//
// Where in sorted lines of items the items of each key in [0, keys] begin.
#version 460
#include "common.glsl"
#include "items.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t items, starts;  // starts: keys + 1 for each line
  uint count;              // of starts
  uint pitch, size;        // of a line: items from one to the next, items
  uint keys;
}
p;

void main() {
  uint i = thread_index();
  if (i >= p.count) return;
  uint line = i / (p.keys + 1u);
  ITEM wanted = make_item(i - line * (p.keys + 1u), 0u);
  uint low = 0u, high = p.size;
  while (low < high) {
    uint middle = (low + high) / 2u;
    if (before(item_at(p.items, line * p.pitch + middle).value, wanted)) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  store_b32(p.starts, i, low);
}
