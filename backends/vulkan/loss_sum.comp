// SPDX-License-Identifier: Apache-2.0
//
// y () of TYPE = the sum of parts (n) of WIDE over a divisor: one work group. With a target (n)
// int64 the divisor is the number of those that are not `ignored`; nan if it is 0.
#version 460
#include "common.glsl"
#include "floating.glsl"
#include "rows.glsl"
#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t parts, y;
  uint64_t target;  // 0: none
  int64_t ignored;
  uint n, divisor;
}
p;

shared uint counted[256];

void main() {
  uint i = gl_LocalInvocationID.x;
  Sum sum = kNoTerms;
  uint count = 0u;
  for (uint k = i; k < p.n; k += 256u) {
    sum = plus(sum, LOAD_WIDE(p.parts, k));
    if (p.target != uint64_t(0) && load_i64(p.target, k) != p.ignored) ++count;
  }
  sum = row_sum(sum);
  counted[i] = count;
  for (uint span = 128u; span > 0u; span /= 2u) {
    barrier();
    if (i < span) counted[i] += counted[i + span];
  }
  if (i != 0u) return;
  uint divisor = p.target != uint64_t(0) ? counted[0] : p.divisor;
  STORE(p.y, 0, divisor == 0u ? NAN : rounded(sum) / VALUE(divisor));
}
