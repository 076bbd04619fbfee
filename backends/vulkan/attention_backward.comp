// SPDX-License-Identifier: Apache-2.0
//
// The gradient of attention for q, k or v. A work group takes a tile of that operand and goes
// through the scores of its rows, which are computed again from q, k and lse. With p = exp(score -
// lse), z what dropout multiplies by, and ds = scale p (g v z - dots):
//   OUTPUT 0: dq = ds k      rows are queries, columns keys
//   OUTPUT 1: dk = ds^T q    rows are keys, columns queries
//   OUTPUT 2: dv = (p z)^T g
#version 460
#include "attention.glsl"

layout(constant_id = 3) const int OUTPUT = 0;

void main() {
  Arguments a = Arguments(p.arguments);
  int rows = OUTPUT == 0 ? a.queries : a.keys, columns = OUTPUT == 0 ? a.keys : a.queries;
  int width = OUTPUT == 2 ? a.value_features : a.features;
  Place place;
  if (!find_place(a, rows, width, place)) return;
  Operands o = operands_of(a, place.batch);
  int r0 = place.tile * kTile, c0 = place.chunk * kTile;
  [[unroll]] for (int e = 0; e < EACH * EACH; ++e) result[e] = VALUE(0);

  // Rows and columns of scores, of dp = g v, and what the weights multiply.
  Matrix left = o.k, right = o.q, left_of_dp = o.v, right_of_dp = o.g, factor = o.q;
  if (OUTPUT == 0) {
    left = o.q;
    right = o.k;
    left_of_dp = o.g;
    right_of_dp = o.v;
    factor = o.k;
  }
  if (OUTPUT == 2) factor = o.g;

  // Where keys are hidden from queries before them: the columns that count.
  int begin = a.causal != 0 && OUTPUT != 0 ? r0 : 0;
  int end = a.causal != 0 && OUTPUT == 0 ? min(columns, r0 + kTile) : columns;
  for (int s0 = begin; s0 < end; s0 += kTile) {
    int i0 = OUTPUT == 0 ? r0 : s0, j0 = OUTPUT == 0 ? s0 : r0;
    multiply_rows(left, r0, right, s0);
    barrier();
    store_tile();
    [[dont_unroll]] for (int at = 0; at < EACH * EACH; ++at) {
      int e = at / EACH, f = at % EACH;
      int row = down() + kSide * e, column = across() + kSide * f;
      int i = i0 + (OUTPUT == 0 ? row : column), j = j0 + (OUTPUT == 0 ? column : row);
      VALUE lse = INFINITE;
      if (i < a.queries) lse = LOAD_WIDE(a.lse, o.batch * a.queries + i);
      WEIGHT(e, f) = m_exp(score_of(a, o, i, j, WEIGHT(e, f)) - lse);
    }
    if (DROPOUT != 0) drop_weights(a, o, i0, j0, OUTPUT != 0);
    if (OUTPUT != 2) multiply_rows(left_of_dp, r0, right_of_dp, s0);
    [[unroll]] for (int e = 0; e < EACH; ++e) {
      [[unroll]] for (int f = 0; f < EACH; ++f) {
        VALUE w = WEIGHT(e, f), z = VALUE(1);
        if (DROPOUT != 0) z = is_negative(w) ? VALUE(0) : of_bits(a.kept_scale);
        w = m_abs(w);
        if (OUTPUT == 2) {
          w *= z;
        } else {
          int i = i0 + (OUTPUT == 0 ? down() + kSide * e : across() + kSide * f);
          VALUE dot_ = VALUE(0);
          if (i < a.queries) dot_ = LOAD_WIDE(a.dots, o.batch * a.queries + i);
          w = of_bits(a.scale) * w * (tile[e * EACH + f] * z - dot_);
        }
        WEIGHT(e, f) = w;
      }
    }
    multiply_weights(factor, s0, c0);
  }

  uint64_t target = OUTPUT == 0 ? a.dq : OUTPUT == 1 ? a.dk : a.dv;
  [[unroll]] for (int e = 0; e < EACH; ++e) {
    int row = r0 + down() + kSide * e;
    [[unroll]] for (int f = 0; f < EACH; ++f) {
      int c = c0 + across() + kSide * f;
      if (row < rows && c < width) {
        STORE(target, (o.batch * rows + row) * width + c, result[e * EACH + f]);
      }
    }
  }
}
