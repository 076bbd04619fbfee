// SPDX-License-Identifier: Apache-2.0
//
// Lines of items to sort, each filled up with last items to `pitch`: of x's values along a dim, or,
// with INDICES, of indices that are checked (and last items for those out of range).
#version 460
#include "common.glsl"
#define OPERANDS 1
#include "strided.glsl"
#include "types.glsl"
#if defined(INDICES)
#include "fault.glsl"
#else
#include "order.glsl"
#endif
#if defined(TYPE_f64) || (defined(TYPE_i64) && !defined(INDICES))
#define WIDE
#endif
#include "items.glsl"

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t x, items, faults;
  uint count;        // items, the filling included
  uint pitch, size;  // of a line: items, elements
  int step;          // x's stride along the line
  uint descending;
  uint ticket;
  int limit;  // of indices
  StridedDims dims;
}
p;

void main() {
  uint i = thread_index();
  if (i >= p.count) return;
  uint line = i / p.pitch, at = i - line * p.pitch;
  ITEM item = LAST_ITEM;
  if (at < p.size) {
    STRIDED_OFFSETS(p.dims, int(line), offsets)
    VALUE value = LOAD(p.x, offsets[0] + int(at) * p.step);
#if defined(INDICES)
    if (uint64_t(value) < uint64_t(uint(p.limit))) {
      item = make_item(uint(value), at);
    } else {
      report_fault(p.faults, p.ticket, value, int64_t(uint64_t(uint(p.limit))));
    }
#else
    KEY key = rank_of(value);
    item = make_item(p.descending != 0u ? ~key : key, at);
#endif
  }
  item_at(p.items, i).value = item;
}
