// SPDX-License-Identifier: Apache-2.0
//
// y = x, then along a dim the elements of src put, or added with ADD, where indices say, in their
// order. Every invocation owns an element of y and finds what belongs there among items of
// (target, position in src).
#version 460
#include "common.glsl"
#define OPERANDS 5
#include "items.glsl"
#include "strided.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

// Whether lines of items are sorted, and `starts` says where the items of each target begin.
layout(constant_id = 1) const uint SORTED = 0;
// Whether x, y (outer, targets, inner) and src (outer, size, inner) are dense, and items have a
// line for each (outer, inner), or one for all.
layout(constant_id = 2) const uint DENSE = 0;

// Over the elements of y that the indices could name; unless DENSE.
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Dims {
  StridedDims dims;
};
const int kX = 0;
const int kY = 1;
const int kSrc = 2;     // with stride 0 along the dim
const int kLine = 3;    // lines of items, counted
const int kTarget = 4;  // the index along the dim

layout(push_constant, scalar) uniform Push {
  uint64_t x, y, src, items, starts;
  Dims over;
  uint count;
  uint pitch;    // items from one line to the next
  uint size;     // items of a line
  uint targets;  // elements of y along the dim
  int step;      // src's stride along the dim
  uint first_line, first_target;
  uint inner, lines;  // if DENSE
}
p;

void main() {
  uint i = thread_index();
  if (i >= p.count) return;
  uint line, target;
  int x_at = int(i), y_at = int(i), src_at;
  if (DENSE != 0u) {
    uint inner = i % p.inner, rest = i / p.inner, outer = rest / p.targets;
    target = rest - outer * p.targets;
    line = p.lines == 1u ? 0u : outer * p.inner + inner;
    src_at = int(outer * p.size * p.inner + inner);
  } else {
    STRIDED_OFFSETS(p.over.dims, x_at, offsets)
    line = p.first_line + uint(offsets[kLine]);
    target = p.first_target + uint(offsets[kTarget]);
    x_at = offsets[kX];
    y_at = offsets[kY];
    src_at = offsets[kSrc];
  }
  VALUE value = LOAD(p.x, x_at);
  uint first = line * p.pitch, end = first + p.size;
  if (SORTED != 0u) {
    uint start = line * (p.targets + 1u) + target;
    end = first + load_b32(p.starts, start + 1u);
    first += load_b32(p.starts, start);
  }
  for (uint k = first; k < end; ++k) {
    ITEM item = item_at(p.items, k).value;
    if (SORTED == 0u && key_of_item(item) != target) continue;
    VALUE from = LOAD(p.src, src_at + int(position_of(item)) * p.step);
#if defined(ADD)
    value += from;
#else
    value = from;
#endif
  }
  STORE(p.y, y_at, value);
}
