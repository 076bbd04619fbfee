// SPDX-License-Identifier: Apache-2.0
//
// One step of lstm: i, f, g, o = gates + h w^T; c = sigmoid(f) c + sigmoid(i) tanh(g);
// h = sigmoid(o) tanh(c). gates, activated (N, 4 size), w (4 size, size), y, cells (N, size), h_n,
// c_n (batch, size). h is kept in WIDE beside y: from `h` to `h_next` (batch, size).
#version 460
#include "lstm.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t gates, w, h0, c0, h, h_next, y, h_n, c_n, activated, cells;
  int size;
  int count, first;  // sequences of this step
  int before, first_before;
  int after;  // sequences that go on after this step
}
p;

shared VALUE states[kSide * kPitch];
shared VALUE rows[4 * kSide * kPitch];

void main() {
  int blocks = (p.size + kSide - 1) / kSide;
  int group = int(group_index());
  int b0 = group / blocks * kSide, k0 = group % blocks * kSide;
  int b = b0 + down(), k = k0 + across();
  VALUE sums[4];
  [[unroll]] for (int q = 0; q < 4; ++q) sums[q] = VALUE(0);
  for (int j0 = 0; j0 < p.size; j0 += kSide) {
    int j = j0 + across();
    barrier();
    VALUE state = VALUE(0);
    if (j < p.size) {
      if (b < p.before) {
        state = LOAD_WIDE(p.h, b * p.size + j);
      } else if (b < p.count) {
        state = LOAD(p.h0, b * p.size + j);
      }
    }
    states[down() * kPitch + across()] = state;
    [[unroll]] for (int q = 0; q < 4; ++q) {
      VALUE weight = VALUE(0);
      int row = k0 + down();
      if (row < p.size && j < p.size) weight = LOAD(p.w, (q * p.size + row) * p.size + j);
      rows[(q * kSide + down()) * kPitch + across()] = weight;
    }
    barrier();
    for (int d = 0; d < kSide; ++d) {
      VALUE state_d = states[down() * kPitch + d];
      [[unroll]] for (int q = 0; q < 4; ++q) {
        sums[q] += state_d * rows[(q * kSide + across()) * kPitch + d];
      }
    }
  }
  if (b >= p.count || k >= p.size) return;

  int row = p.first + b;
  [[unroll]] for (int q = 0; q < 4; ++q) {
    int at = (4 * row + q) * p.size + k;
    sums[q] += LOAD(p.gates, at);
    sums[q] = q == 2 ? m_tanh(sums[q]) : sigmoid(sums[q]);
    STORE_WIDE(p.activated, at, sums[q]);
  }
  int of_sequence = b * p.size + k, of_row = row * p.size + k;
  VALUE c;
  if (b < p.before) {
    c = LOAD_WIDE(p.cells, (p.first_before + b) * p.size + k);
  } else {
    c = LOAD(p.c0, of_sequence);
  }
  c = sums[1] * c + sums[0] * sums[2];
  VALUE h = sums[3] * m_tanh(c);
  STORE_WIDE(p.cells, of_row, c);
  STORE_WIDE(p.h_next, of_sequence, h);
  STORE(p.y, of_row, h);
  if (b >= p.after) {
    STORE(p.h_n, of_sequence, h);
    STORE(p.c_n, of_sequence, c);
  }
}
