// SPDX-License-Identifier: Apache-2.0
//
// One step of the gradient of lstm, after all steps that were computed after it; or, `finish`, the
// gradient of h0. What a step's gates d (batch, 4 size) say of h before it is d w: `d_next` are
// those of the step after, `d` this one's, `d_first` those of each sequence's first step, all of
// WIDE, as dc (batch, size), the gradient of c. activated, cells and c0 are of WIDE or TYPE.
#version 460
#include "lstm.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t arguments;
  uint64_t d_next, d;
  int count, first, before, first_before, after, finish;
}
p;

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Arguments {
  uint64_t gy, gh_n, gc_n, w, activated, cells, c0;
  uint64_t gates, gh0, gc0;  // what is computed
  uint64_t d_first, dc;
  int size;
  int activated_wide, cells_wide, c0_wide;
};

shared VALUE gradients[kSide * kPitch];
shared VALUE rows[kSide * kPitch];

VALUE load_either(uint64_t address, int i, int wide) {
  VALUE value;
  if (wide != 0) {
    value = LOAD_WIDE(address, i);
  } else {
    value = LOAD(address, i);
  }
  return value;
}

void main() {
  Arguments a = Arguments(p.arguments);
  int size = a.size;
  int blocks = (size + kSide - 1) / kSide;
  int group = int(group_index());
  int b0 = group / blocks * kSide, k0 = group % blocks * kSide;
  int b = b0 + down(), k = k0 + across();
  VALUE dh = VALUE(0);
  for (int j0 = 0; b0 < p.after && j0 < 4 * size; j0 += kSide) {
    barrier();
    VALUE gradient = VALUE(0), weight = VALUE(0);
    if (b < p.after && j0 + across() < 4 * size) {
      gradient = LOAD_WIDE(p.d_next, b * 4 * size + j0 + across());
    }
    if (j0 + down() < 4 * size && k < size) weight = LOAD(a.w, (j0 + down()) * size + k);
    gradients[down() * kPitch + across()] = gradient;
    rows[down() * kPitch + across()] = weight;
    barrier();
    for (int d = 0; d < kSide; ++d) {
      dh += gradients[down() * kPitch + d] * rows[d * kPitch + across()];
    }
  }
  if (b >= p.count || k >= size) return;
  int of_sequence = b * size + k;
  if (p.finish != 0) {
    STORE(a.gh0, of_sequence, dh);
    return;
  }

  VALUE dc;
  if (b < p.after) {
    dc = LOAD_WIDE(a.dc, of_sequence);
  } else {
    dh = LOAD(a.gh_n, of_sequence);
    dc = LOAD(a.gc_n, of_sequence);
  }
  int row = p.first + b, of_row = row * size + k, of_gates = row * 4 * size + k;
  VALUE gates[4];
  [[unroll]] for (int q = 0; q < 4; ++q) {
    gates[q] = load_either(a.activated, of_gates + q * size, a.activated_wide);
  }
  VALUE i = gates[0], f = gates[1], g = gates[2], o = gates[3];
  VALUE c = m_tanh(load_either(a.cells, of_row, a.cells_wide));
  VALUE c_before;
  if (b < p.before) {
    c_before = load_either(a.cells, (p.first_before + b) * size + k, a.cells_wide);
  } else {
    c_before = load_either(a.c0, of_sequence, a.c0_wide);
  }
  dh += LOAD(a.gy, of_row);
  dc += dh * o * (VALUE(1) - c * c);
  gates[0] = dc * g * i * (VALUE(1) - i);
  gates[1] = dc * c_before * f * (VALUE(1) - f);
  gates[2] = dc * i * (VALUE(1) - g * g);
  gates[3] = dh * c * o * (VALUE(1) - o);
  [[unroll]] for (int q = 0; q < 4; ++q) {
    int of_d = (b * 4 + q) * size + k;
    STORE(a.gates, of_gates + q * size, gates[q]);
    STORE_WIDE(p.d, of_d, gates[q]);
    if (b >= p.before) STORE_WIDE(a.d_first, of_d, gates[q]);
  }
  STORE_WIDE(a.dc, of_sequence, dc * f);
  if (b >= p.before) STORE(a.gc0, of_sequence, dc * f);
}
