// SPDX-License-Identifier: Apache-2.0
//
// y[i..] = x[.., index[i..], ..], y dense; or, if ONLY_CHECK, nothing but the check of the indices.
#version 460
#include "common.glsl"
#define OPERANDS 2
#include "fault.glsl"
#include "strided.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

layout(constant_id = 1) const uint ONLY_CHECK = 0;

layout(push_constant, scalar) uniform Push {
  uint64_t x, index, y, faults;
  uint count, ticket;
  int step, size;    // x's stride and size along dim
  StridedDims dims;  // over y: x, with stride 0 along dim, and index
}
p;

void main() {
  uint i = thread_index();
  if (i >= p.count) return;
  STRIDED_OFFSETS(p.dims, int(i), offsets)
  int64_t at = load_i64(p.index, offsets[1]);
  if (uint64_t(at) >= uint64_t(uint(p.size))) {
    report_fault(p.faults, p.ticket, at, int64_t(uint64_t(uint(p.size))));
  } else if (ONLY_CHECK == 0u) {
    STORE(p.y, i, LOAD(p.x, offsets[0] + int(at) * p.step));
  }
}
