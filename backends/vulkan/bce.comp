// SPDX-License-Identifier: Apache-2.0
//
// x, y (n) of TYPE.
//   forward: parts (work groups) of WIDE = sums of max(x, 0) - x y + log1p(exp(-|x|))
//   BACKWARD: gx = g (sigmoid(x) - y), over n with `mean`
#version 460
#include "common.glsl"
#include "floating.glsl"
#include "rows.glsl"
#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t x, y;
  uint64_t g;
  uint64_t parts;  // BACKWARD: gx
  uint n, threads, mean;
}
p;

#ifdef BACKWARD

void main() {
  uint i = thread_index();
  if (i >= p.n) return;
  VALUE scale = LOAD(p.g, 0);
  if (p.mean != 0u) scale /= VALUE(p.n);
  VALUE probability = VALUE(1) / (VALUE(1) + m_exp(-LOAD(p.x, i)));
  STORE(p.parts, i, scale * (probability - LOAD(p.y, i)));
}

#else

void main() {
  Sum sum = kNoTerms;
  for (uint i = thread_index(); i < p.n; i += p.threads) {
    VALUE x = LOAD(p.x, i);
    sum = plus(sum, max(x, VALUE(0)) - x * LOAD(p.y, i) + m_log1p(m_exp(-m_abs(x))));
  }
  sum = row_sum(sum);
  if (gl_LocalInvocationID.x == 0u) STORE_WIDE(p.parts, group_index(), rounded(sum));
}

#endif
