// SPDX-License-Identifier: Apache-2.0
//
// y = the inclusive sums, or with PROD products, of x along lines. Lines may be cut into parts:
// first their totals are taken, then scanned, and then each part begins with the total before it.
#version 460
#include "common.glsl"
#define OPERANDS 1
#include "accumulate.glsl"
#include "strided.glsl"
#include "types.glsl"

const uint kThreads = 256;
const uint kEach = 4;  // neighbouring elements of an invocation, where a group takes a line

layout(local_size_x = 256) in;

// Whether a work group takes a part of a line together; else every invocation takes one.
layout(constant_id = 1) const uint ROWS = 0;
// Whether only totals are stored.
layout(constant_id = 2) const uint TOTALS = 0;
// Whether x and y are totals, in PART.
layout(constant_id = 3) const uint OF_TOTALS = 0;

layout(push_constant, scalar) uniform Push {
  uint64_t x, y;
  uint64_t totals;  // lines * parts, scanned unless TOTALS
  uint lines, size;
  uint per_part, parts;
  int step;          // x's stride along the line
  uint inner;        // y's
  uint first_line;   // in y
  StridedDims dims;  // over the lines: x
}
p;

shared PART cells[kThreads];

PART load(int offset) {
  if (OF_TOTALS != 0u) return LOAD_PART(p.x, offset);
  return LOAD(p.x, offset);
}
void store(uint offset, PART value) {
  if (OF_TOTALS != 0u) {
    STORE_PART(p.y, offset, value);
  } else {
    STORE(p.y, offset, value);
  }
}

PART total_before(uint line, uint part) {
  if (TOTALS != 0u || part == 0u) return NEUTRAL;
  return LOAD_PART(p.totals, line * p.parts + part - 1u);
}

// Puts into each cell the sum of `value` over the invocations up to its own. All come here.
void scan_group(PART value) {
  uint lane = gl_LocalInvocationID.x;
  cells[lane] = value;
  for (uint distance = 1u; distance < kThreads; distance *= 2u) {
    barrier();
    PART left = NEUTRAL;
    if (lane >= distance) left = cells[lane - distance];
    barrier();
    value = combine(left, value);
    cells[lane] = value;
  }
  barrier();
}

void main() {
  uint lane = gl_LocalInvocationID.x;
  uint unit = ROWS != 0u ? group_index() : thread_index();
  // Neighbouring invocations take neighbouring lines.
  uint line = ROWS != 0u ? unit / p.parts : unit % p.lines;
  uint part = ROWS != 0u ? unit % p.parts : unit / p.lines;
  if (line >= p.lines || part >= p.parts) return;
  STRIDED_OFFSETS(p.dims, int(line), offsets)
  int from = offsets[0];
  uint y_line = p.first_line + line;
  uint to = y_line / p.inner * p.size * p.inner + y_line % p.inner;
  uint begin = part * p.per_part, end = min(begin + p.per_part, p.size);
  PART total = total_before(line, part);

  if (ROWS == 0u) {
    for (uint i = begin; i < end; ++i) {
      total = combine(total, load(from + int(i) * p.step));
      if (TOTALS == 0u) store(to + i * p.inner, total);
    }
    if (TOTALS != 0u) STORE_PART(p.totals, line * p.parts + part, total);
    return;
  }

  for (uint block = begin; block < end; block += kThreads * kEach) {
    uint first = block + lane * kEach;
    PART sums[kEach], sum = NEUTRAL;
    [[unroll]] for (uint k = 0u; k < kEach; ++k) {
      if (first + k < end) sum = combine(sum, load(from + int(first + k) * p.step));
      sums[k] = sum;
    }
    scan_group(sum);
    PART before = total;
    if (lane > 0u) before = combine(total, cells[lane - 1u]);
    if (TOTALS == 0u) {
      [[unroll]] for (uint k = 0u; k < kEach; ++k) {
        if (first + k < end) store(to + (first + k) * p.inner, combine(before, sums[k]));
      }
    }
    total = combine(total, cells[kThreads - 1u]);
    barrier();
  }
  if (TOTALS != 0u && lane == 0u) STORE_PART(p.totals, line * p.parts + part, total);
}
