// SPDX-License-Identifier: Apache-2.0
//
// y (M, N) = a (M, K) b (K, N), all dense, an invocation for every element: what matmul.comp is
// measured against.
#version 460
#include "common.glsl"
#include "product.glsl"
#include "types.glsl"

layout(local_size_x = 16, local_size_y = 16) in;

layout(push_constant, scalar) uniform Push {
  uint64_t a, b, y;
  int m, n, k;
}
p;

void main() {
  const int row = int(gl_GlobalInvocationID.y), column = int(gl_GlobalInvocationID.x);
  if (row >= p.m || column >= p.n) return;
  VALUE sum = VALUE(0);
  for (int k = 0; k < p.k; ++k) {
    sum =
        MULTIPLY_ADD(LOAD(p.a, int64_t(row * p.k + k)), LOAD(p.b, int64_t(k * p.n + column)), sum);
  }
  STORE(p.y, int64_t(row * p.n + column), sum);
}
