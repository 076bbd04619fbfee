// SPDX-License-Identifier: Apache-2.0
//
// Softmax and log_softmax of rows, and their gradients. x, y, g, gx (outer, size, inner).
//   forward: a is x; y = exp(x - max) / sum, or its logarithm with LOG
//   BACKWARD: a is g, b is y; gx = y (g - sum(g y)), with LOG g - exp(y) sum(g)
#version 460
#include "common.glsl"
#include "floating.glsl"
#include "rows.glsl"
#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t a, b, y;
  int rows, size, inner;  // rows = outer inner
}
p;

void main() {
  int row = row_index();
  bool mine = row < p.rows;
  int first = mine ? row / p.inner * (p.size * p.inner) + row % p.inner : 0;
  int size = mine ? p.size : 0;
#ifdef BACKWARD
  VALUE sum = VALUE(0);
  for (int k = lane(); k < size; k += LANES) {
    int i = first + k * p.inner;
#ifdef LOG
    sum += LOAD(p.a, i);
#else
    sum += LOAD(p.a, i) * LOAD(p.b, i);
#endif
  }
  sum = row_sum(sum);
  for (int k = lane(); k < size; k += LANES) {
    int i = first + k * p.inner;
    VALUE g = LOAD(p.a, i), y = LOAD(p.b, i);
#ifdef LOG
    STORE(p.y, i, g - m_exp(y) * sum);
#else
    STORE(p.y, i, y * (g - sum));
#endif
  }
#else
  VALUE largest = -INFINITE;
  for (int k = lane(); k < size; k += LANES) {
    largest = max(largest, LOAD(p.a, first + k * p.inner));
  }
  largest = row_max(largest);
  VALUE sum = VALUE(0);
  for (int k = lane(); k < size; k += LANES) {
    sum += m_exp(LOAD(p.a, first + k * p.inner) - largest);
  }
  sum = row_sum(sum);
#ifdef LOG
  VALUE log_sum = m_log(sum);
#else
  VALUE scale = VALUE(1) / sum;
#endif
  for (int k = lane(); k < size; k += LANES) {
    int i = first + k * p.inner;
    VALUE shifted = LOAD(p.a, i) - largest;
#ifdef LOG
    STORE(p.y, i, shifted - log_sum);
#else
    STORE(p.y, i, m_exp(shifted) * scale);
#endif
  }
#endif
}
