// SPDX-License-Identifier: Apache-2.0
//
// What the shaders of attention share: operands, scores, and products of tiles by a work group of
// 16 x 16 invocations, EACH x EACH elements of a tile to each: rows down() + 16 e, columns
// across() + 16 f. The host's side is attention.cc.
#ifndef TESSERA_VULKAN_ATTENTION_GLSL_
#define TESSERA_VULKAN_ATTENTION_GLSL_

#define OPERANDS 5  // q, k, v, mask, g
#include "common.glsl"
#include "floating.glsl"
#include "random.glsl"
#include "strided.glsl"
#include "types.glsl"

layout(constant_id = 1) const int EACH = 4;
layout(constant_id = 2) const int DROPOUT = 0;

layout(local_size_x = 256) in;

const int kSide = 16;
const int kTile = kSide * EACH;
const int kDepth = 16;  // of products, at a time
const int kPitch = kTile + 1;

// q (queries, features), k (keys, features), v (keys, value_features), g (queries, value_features),
// mask (queries, keys) per batch, by `dims`; rows apart by *_row elements. y, lse, dots and the
// gradients are dense. lse and dots, the sums of g y by query, are of WIDE.
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer Arguments {
  uint64_t q, k, v, mask, g;
  uint64_t y, lse, dots;
  uint64_t dq, dk, dv;
  uint64_t seed, offset;
  uvec2 scale, kept_scale;  // bits of WIDE; the second is what dropout multiplies by
  float dropout;
  int queries, keys, features, value_features;
  int q_row, k_row, v_row, g_row, mask_row, mask_column;
  int batches, first_batch;
  int causal;
  int mask_kind;  // 0: none; 1: bool; 2: TYPE; 3: float32
  StridedDims dims;
};

layout(push_constant, scalar) uniform Push { uint64_t arguments; }
p;

#ifdef TYPE_f64
VALUE of_bits(uvec2 bits) { return packDouble2x32(bits); }
#else
VALUE of_bits(uvec2 bits) { return uintBitsToFloat(bits.x); }
#endif

// Element (i, c) is at i * row + c.
struct Matrix {
  uint64_t first;
  int rows, columns, row;
};

// 0 outside.
VALUE element_of(Matrix m, int i, int c) {
  VALUE value = VALUE(0);
  if (i < m.rows && c < m.columns) value = LOAD(m.first, i * m.row + c);
  return value;
}

// The operands of one batch.
struct Operands {
  Matrix q, k, v, g;
  uint64_t mask;
  int batch;  // among all
};

Operands operands_of(Arguments a, int batch) {
  STRIDED_OFFSETS(a.dims, batch, offsets)
  Operands o;
  o.q = Matrix(element(a.q, offsets[0], SIZE), a.queries, a.features, a.q_row);
  o.k = Matrix(element(a.k, offsets[1], SIZE), a.keys, a.features, a.k_row);
  o.v = Matrix(element(a.v, offsets[2], SIZE), a.keys, a.value_features, a.v_row);
  o.g = Matrix(element(a.g, offsets[4], SIZE), a.queries, a.value_features, a.g_row);
  o.mask = element(a.mask, offsets[3], a.mask_kind == 1 ? 1 : a.mask_kind == 2 ? SIZE : 4);
  o.batch = a.first_batch + batch;
  return o;
}

// The score of key j for query i, from q k: -inf where the key is hidden, or there is none.
VALUE score_of(Arguments a, Operands o, int i, int j, VALUE product) {
  if (i >= a.queries || j >= a.keys || (a.causal != 0 && j > i)) return -INFINITE;
  VALUE score = product * of_bits(a.scale);
  if (a.mask_kind == 0) return score;
  int at = i * a.mask_row + j * a.mask_column;
  if (a.mask_kind == 1 && load_bool(o.mask, at) == 0) return -INFINITE;
  if (a.mask_kind == 2) score += LOAD(o.mask, at);
  if (a.mask_kind == 3) score += VALUE(load_f32(o.mask, at));
  return score;
}

// Whether dropout leaves the weight of key j for query i.
bool is_kept(Arguments a, Operands o, int i, int j) {
  uint64_t query = uint64_t(uint(o.batch)) * uint64_t(uint(a.queries)) + uint64_t(uint(i));
  uint64_t at = query * uint64_t(uint(a.keys)) + uint64_t(uint(j));
  return uniform_float(random_word(a.seed, a.offset, at)) >= a.dropout;
}

// ---- Tiles -------------------------------------------------------------------------------------

shared VALUE tile_a[kDepth * kPitch];
shared VALUE tile_b[kDepth * kPitch];
shared VALUE weights[kTile * kPitch];  // (row, column); negative where dropout takes it

VALUE tile[EACH * EACH];
VALUE result[EACH * EACH];
#ifdef FORWARD
VALUE sums[EACH];  // of the weights of each row
#endif

int down() { return int(gl_LocalInvocationID.x) / kSide; }
int across() { return int(gl_LocalInvocationID.x) % kSide; }

// tile = the products of rows of a from i0 on with rows of b from j0 on.
void multiply_rows(Matrix a, int i0, Matrix b, int j0) {
  [[unroll]] for (int e = 0; e < EACH * EACH; ++e) tile[e] = VALUE(0);
  for (int c = 0; c < a.columns; c += kDepth) {
    barrier();
    [[unroll]] for (int e = 0; e < EACH; ++e) {
      int i = down() + kSide * e;
      tile_a[across() * kPitch + i] = element_of(a, i0 + i, c + across());
      tile_b[across() * kPitch + i] = element_of(b, j0 + i, c + across());
    }
    barrier();
    for (int d = 0; d < kDepth; ++d) {
      VALUE x[EACH], y[EACH];
      [[unroll]] for (int e = 0; e < EACH; ++e) {
        x[e] = tile_a[d * kPitch + down() + kSide * e];
        y[e] = tile_b[d * kPitch + across() + kSide * e];
      }
      [[unroll]] for (int e = 0; e < EACH; ++e) {
        [[unroll]] for (int f = 0; f < EACH; ++f) tile[e * EACH + f] += x[e] * y[f];
      }
    }
  }
}

// result += weights times rows of b from j0 on, of which columns from c on.
// FORWARD: sums += the weights' absolute values; the negative ones count in sums alone.
void multiply_weights(Matrix b, int j0, int c) {
  for (int k = 0; k < kTile; k += kDepth) {
    barrier();
    [[unroll]] for (int e = 0; e < EACH; ++e) {
      int column = across() + kSide * e;
      tile_b[down() * kPitch + column] = element_of(b, j0 + k + down(), c + column);
    }
    barrier();
    for (int d = 0; d < kDepth; ++d) {
      VALUE x[EACH], y[EACH];
      [[unroll]] for (int e = 0; e < EACH; ++e) {
        x[e] = weights[(down() + kSide * e) * kPitch + k + d];
#ifdef FORWARD
        sums[e] += m_abs(x[e]);
        if (DROPOUT != 0) x[e] = max(x[e], VALUE(0));
#endif
        y[e] = tile_b[d * kPitch + across() + kSide * e];
      }
      [[unroll]] for (int e = 0; e < EACH; ++e) {
        [[unroll]] for (int f = 0; f < EACH; ++f) result[e * EACH + f] += x[e] * y[f];
      }
    }
  }
}

// An invocation's element (e, f) of weights.
#define WEIGHT(e, f) weights[(down() + kSide * (e)) * kPitch + across() + kSide * (f)]

// weights = tile, of which each invocation has its own elements.
void store_tile() {
  [[unroll]] for (int e = 0; e < EACH; ++e) {
    [[unroll]] for (int f = 0; f < EACH; ++f) WEIGHT(e, f) = tile[e * EACH + f];
  }
}

// Makes the weights negative that dropout takes: weights of queries from i0 on, keys from j0 on; or
// of keys by queries if `transposed`.
void drop_weights(Arguments a, Operands o, int i0, int j0, bool transposed) {
  [[dont_unroll]] for (int at = 0; at < EACH * EACH; ++at) {
    int e = at / EACH, f = at % EACH;
    int row = down() + kSide * e, column = across() + kSide * f;
    int i = i0 + (transposed ? column : row), j = j0 + (transposed ? row : column);
    if (!is_kept(a, o, i, j)) WEIGHT(e, f) = -WEIGHT(e, f);
  }
}

// Where a work group is among (batches, tiles, chunks of columns); false beyond them.
struct Place {
  int batch, tile, chunk;
};

bool find_place(Arguments a, int rows, int columns, out Place place) {
  int group = int(group_index());
  int tiles = (rows + kTile - 1) / kTile, chunks = max((columns + kTile - 1) / kTile, 1);
  place = Place(group / (tiles * chunks), group / chunks % tiles, group % chunks);
  return place.batch < a.batches;
}

#endif  // TESSERA_VULKAN_ATTENTION_GLSL_
