// SPDX-License-Identifier: Apache-2.0
//
// The operands of a product of matrices, or of a batch of them (product.h), and where a work group
// stands.
#ifndef TESSERA_VULKAN_MATMUL_GLSL_
#define TESSERA_VULKAN_MATMUL_GLSL_

#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t a, b;  // (M, K), (K, N)
  uint64_t bias;  // as (M, N); 0: none
  uint64_t y;     // (batches, M, N), or partial sums (splits, batches, M, N)
  uint m, n, k;
  uint batches, splits;
  uint chunk;                                        // of the depth in each split
  int a_m, a_k, b_k, b_n, bias_m, bias_n, y_m, y_n;  // strides in elements
  uint inner_batches;  // batch z is (z / inner_batches, z % inner_batches)
  int batch_a[2], batch_b[2];
}
p;

// Where a work group stands.
struct Part {
  uint64_t a, b, y;  // of its batch; y of its split too
  uint tile_m, tile_n;
  uint k, k_end;
};

VALUE bias_at(uint m, uint n) {
  if (p.bias == 0) return VALUE(0);
  return LOAD(p.bias, int64_t(int(m) * p.bias_m + int(n) * p.bias_n));
}

// Of work group `index`: tiles of a row of tiles follow each other, then rows, splits, batches.
Part part_of(uint index, uint tiles_m, uint tiles_n, int size_of_y) {
  Part part;
  part.tile_n = index % tiles_n;
  index /= tiles_n;
  part.tile_m = index % tiles_m;
  index /= tiles_m;
  const uint split = index % p.splits;
  const uint batch = index / p.splits;
  part.k = min(split * p.chunk, p.k);
  part.k_end = min(part.k + p.chunk, p.k);
  const int outer = int(batch / p.inner_batches), inner = int(batch % p.inner_batches);
  part.a = element(p.a, int64_t(outer * p.batch_a[0] + inner * p.batch_a[1]), SIZE);
  part.b = element(p.b, int64_t(outer * p.batch_b[0] + inner * p.batch_b[1]), SIZE);
  part.y = element(p.y, int64_t(split * p.batches + batch) * int64_t(p.m * p.n), size_of_y);
  return part;
}

#endif  // TESSERA_VULKAN_MATMUL_GLSL_
