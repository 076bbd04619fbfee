// SPDX-License-Identifier: Apache-2.0
//
// One tile of a matrix product C = A B, A (M, K), B (K, N), by one work group: TILE_K columns of A
// and rows of B at a time go through shared memory, and each invocation sums REGISTERS_M x
// REGISTERS_N elements of C in registers. Where operands and results stand is the shader's matter:
// what it multiplies may be a matrix, or the windows of an image.
//
// The shader includes common.glsl and product.glsl, defines what is listed here, and includes this:
//   RowOfA row_of_a(uint m)         what is to be known of row m < M, found once per row
//   DepthOfA depth_of_a(uint k)     likewise of column k < K
//   VALUE at_a(RowOfA, DepthOfA)    the element
//   ColumnOfB column_of_b(uint n), DepthOfB depth_of_b(uint k), VALUE at_b(ColumnOfB, DepthOfB)
// Then, in main(), with the same arguments in the whole work group,
//   gemm_tile(m, n, m_end, n_end, k, k_end)    sums the products of depths k .. k_end - 1 for rows
//                                              from m and columns from n on
// after which sums[i * REGISTERS_N + j] is the element in row m + row_in_tile(i) and column
// n + column_in_tile(j), which may lie outside of C.
//
// With COOPERATIVE defined the subgroups multiply float16 matrices together
// (gemm_cooperative.glsl).
#ifndef TESSERA_VULKAN_GEMM_GLSL_
#define TESSERA_VULKAN_GEMM_GLSL_

// Chosen by tiles.h. The work group has TILE_M / REGISTERS_M * TILE_N / REGISTERS_N invocations;
// tiles are powers of two; registers are 1, 2 or multiples of 4.
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint TILE_M = 32;
layout(constant_id = 2) const uint TILE_N = 32;
layout(constant_id = 3) const uint TILE_K = 16;
layout(constant_id = 4) const uint REGISTERS_M = 4;
layout(constant_id = 5) const uint REGISTERS_N = 4;
// Whether neighbours load elements that follow each other in depth; else in rows of A, columns of
// B.
layout(constant_id = 6) const uint A_ALONG_DEPTH = 1;
layout(constant_id = 7) const uint B_ALONG_DEPTH = 0;

const uint THREADS_N = TILE_N / REGISTERS_N;
const uint THREADS_M = TILE_M / REGISTERS_M;
const uint THREADS = THREADS_M * THREADS_N;
// An invocation's rows (columns) come in runs of so many, which are loaded as a vector.
const uint RUN_M = REGISTERS_M < 4 ? REGISTERS_M : 4;
const uint RUN_N = REGISTERS_N < 4 ? REGISTERS_N : 4;

#ifdef COOPERATIVE
#define STAGED float16_t
const uint PAD = 8;  // lines begin at multiples of 16 bytes
#else
#define STAGED VALUE
const uint PAD = 4;
#endif
// Apart, so that what neighbours store along the depth falls into different banks.
const uint PITCH_A = TILE_M + PAD;
const uint PITCH_B = TILE_N + PAD;

shared STAGED tile_a[TILE_K * PITCH_A];
shared STAGED tile_b[TILE_K * PITCH_B];

VALUE sums[REGISTERS_M * REGISTERS_N];

// Invocations side by side along the depth; along rows or columns.
const uint ACROSS_K = THREADS < TILE_K ? THREADS : TILE_K;
const uint ACROSS_M = THREADS < TILE_M ? THREADS : TILE_M;
const uint ACROSS_N = THREADS < TILE_N ? THREADS : TILE_N;

void load_tile_of_a(uint m, uint m_end, uint k, uint k_end) {
  const uint me = gl_LocalInvocationID.x;
  if (A_ALONG_DEPTH != 0) {
    for (uint i = 0; i < TILE_K; i += ACROSS_K) {
      const uint at = i + me % ACROSS_K;
      const DepthOfA depth = depth_of_a(min(k + at, k_end - 1));
      for (uint j = 0; j < TILE_M; j += THREADS / ACROSS_K) {
        const uint row = j + me / ACROSS_K;
        VALUE value = VALUE(0);
        if (m + row < m_end && k + at < k_end) value = at_a(row_of_a(m + row), depth);
        tile_a[at * PITCH_A + row] = STAGED(value);
      }
    }
  } else {
    for (uint i = 0; i < TILE_M; i += ACROSS_M) {
      const uint at = i + me % ACROSS_M;
      const RowOfA row = row_of_a(min(m + at, m_end - 1));
      for (uint j = 0; j < TILE_K; j += THREADS / ACROSS_M) {
        const uint depth = j + me / ACROSS_M;
        VALUE value = VALUE(0);
        if (m + at < m_end && k + depth < k_end) value = at_a(row, depth_of_a(k + depth));
        tile_a[depth * PITCH_A + at] = STAGED(value);
      }
    }
  }
}

void load_tile_of_b(uint n, uint n_end, uint k, uint k_end) {
  const uint me = gl_LocalInvocationID.x;
  if (B_ALONG_DEPTH != 0) {
    for (uint i = 0; i < TILE_K; i += ACROSS_K) {
      const uint at = i + me % ACROSS_K;
      const DepthOfB depth = depth_of_b(min(k + at, k_end - 1));
      for (uint j = 0; j < TILE_N; j += THREADS / ACROSS_K) {
        const uint column = j + me / ACROSS_K;
        VALUE value = VALUE(0);
        if (n + column < n_end && k + at < k_end) value = at_b(column_of_b(n + column), depth);
        tile_b[at * PITCH_B + column] = STAGED(value);
      }
    }
  } else {
    for (uint i = 0; i < TILE_N; i += ACROSS_N) {
      const uint at = i + me % ACROSS_N;
      const ColumnOfB column = column_of_b(min(n + at, n_end - 1));
      for (uint j = 0; j < TILE_K; j += THREADS / ACROSS_N) {
        const uint depth = j + me / ACROSS_N;
        VALUE value = VALUE(0);
        if (n + at < n_end && k + depth < k_end) value = at_b(column, depth_of_b(k + depth));
        tile_b[depth * PITCH_B + at] = STAGED(value);
      }
    }
  }
}

// The row (column) in the tile of the invocation's i-th.
uint row_in_tile(uint i) {
  return (i / RUN_M * THREADS_M + gl_LocalInvocationID.x / THREADS_N) * RUN_M + i % RUN_M;
}
uint column_in_tile(uint i) {
  return (i / RUN_N * THREADS_N + gl_LocalInvocationID.x % THREADS_N) * RUN_N + i % RUN_N;
}

#ifdef COOPERATIVE
#include "gemm_cooperative.glsl"
#else
void multiply_tiles() {
  for (uint k = 0; k < TILE_K; ++k) {
    VALUE a[REGISTERS_M], b[REGISTERS_N];
    [[unroll]] for (uint i = 0; i < REGISTERS_M; ++i) a[i] = tile_a[k * PITCH_A + row_in_tile(i)];
    [[unroll]] for (uint j = 0; j < REGISTERS_N; ++j) {
      b[j] = tile_b[k * PITCH_B + column_in_tile(j)];
    }
    [[unroll]] for (uint i = 0; i < REGISTERS_M; ++i) {
      [[unroll]] for (uint j = 0; j < REGISTERS_N; ++j) {
        sums[i * REGISTERS_N + j] = MULTIPLY_ADD(a[i], b[j], sums[i * REGISTERS_N + j]);
      }
    }
  }
}

void gemm_tile(uint m, uint n, uint m_end, uint n_end, uint k, uint k_end) {
  [[unroll]] for (uint i = 0; i < REGISTERS_M * REGISTERS_N; ++i) sums[i] = VALUE(0);
  for (; k < k_end; k += TILE_K) {
    load_tile_of_a(m, m_end, k, k_end);
    load_tile_of_b(n, n_end, k, k_end);
    barrier();
    multiply_tiles();
    barrier();
  }
}
#endif  // COOPERATIVE

#endif  // TESSERA_VULKAN_GEMM_GLSL_
