// SPDX-License-Identifier: Apache-2.0
//
// y = softmax(scores) v and lse, without storing the scores: a work group takes a tile of queries
// and of v's columns, goes through the keys, and rescales its sums where a greater score comes
// (Dao et al., FlashAttention, 2022).
#version 460
#define FORWARD
#include "attention.glsl"

void main() {
  Arguments a = Arguments(p.arguments);
  Place place;
  if (!find_place(a, a.queries, a.value_features, place)) return;
  Operands o = operands_of(a, place.batch);
  int i0 = place.tile * kTile, c0 = place.chunk * kTile;

  VALUE largest[EACH];
  [[unroll]] for (int e = 0; e < EACH; ++e) {
    largest[e] = -INFINITE;
    sums[e] = VALUE(0);
  }
  [[unroll]] for (int e = 0; e < EACH * EACH; ++e) result[e] = VALUE(0);

  int end = a.causal != 0 ? min(a.keys, i0 + kTile) : a.keys;
  for (int j0 = 0; j0 < end; j0 += kTile) {
    multiply_rows(o.q, i0, o.k, j0);
    barrier();
    store_tile();
    // The greatest of 16 columns each; tile_a is free.
    [[dont_unroll]] for (int e = 0; e < EACH; ++e) {
      int row = down() + kSide * e;
      VALUE most = -INFINITE;
      [[dont_unroll]] for (int f = 0; f < EACH; ++f) {
        VALUE score = score_of(a, o, i0 + row, j0 + across() + kSide * f, WEIGHT(e, f));
        WEIGHT(e, f) = score;
        most = max(most, score);
      }
      tile_a[row * kSide + across()] = most;
    }
    barrier();
    [[unroll]] for (int e = 0; e < EACH; ++e) {
      VALUE most = largest[e];
      for (int k = 0; k < kSide; ++k) most = max(most, tile_a[(down() + kSide * e) * kSide + k]);
      // No key is seen yet: every exponential is 0.
      VALUE shift = most == -INFINITE ? VALUE(0) : most;
      VALUE rescale = m_exp(largest[e] - shift);
      largest[e] = most;
      sums[e] *= rescale;
      [[unroll]] for (int f = 0; f < EACH; ++f) result[e * EACH + f] *= rescale;
      [[dont_unroll]] for (int f = 0; f < EACH; ++f) WEIGHT(e, f) = m_exp(WEIGHT(e, f) - shift);
    }
    if (DROPOUT != 0) drop_weights(a, o, i0, j0, false);
    multiply_weights(o.v, j0, c0);
  }

  [[unroll]] for (int e = 0; e < EACH; ++e) {
    int i = i0 + down() + kSide * e;
    if (i >= a.queries) continue;
    int query = o.batch * a.queries + i;
    VALUE scale = sums[e] == VALUE(0) ? VALUE(0) : VALUE(1) / sums[e];
    if (DROPOUT != 0) scale *= of_bits(a.kept_scale);
    [[unroll]] for (int f = 0; f < EACH; ++f) {
      int c = c0 + across() + kSide * f;
      if (c < a.value_features) {
        STORE(a.y, query * a.value_features + c, result[e * EACH + f] * scale);
      }
    }
    if (c0 == 0 && across() == 0) {
      VALUE lse = sums[e] == VALUE(0) ? INFINITE : largest[e] + m_log(sums[e]);
      STORE_WIDE(a.lse, query, lse);
    }
  }
}
