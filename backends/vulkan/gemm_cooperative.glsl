// SPDX-License-Identifier: Apache-2.0
//
// gemm_tile() of gemm.glsl by the cooperative matrices of VK_KHR_cooperative_matrix: float16
// factors, float32 sums. Each subgroup sums a block of PARTS_M x PARTS_N matrices of the tile. What
// it has summed goes through shared memory to the invocations that write it.
#ifndef TESSERA_VULKAN_GEMM_COOPERATIVE_GLSL_
#define TESSERA_VULKAN_GEMM_COOPERATIVE_GLSL_

#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_shader_subgroup_basic : require

// The device's matrices: rows, columns, depth.
layout(constant_id = 15) const uint MATRIX_M = 16;
layout(constant_id = 16) const uint MATRIX_N = 16;
layout(constant_id = 17) const uint MATRIX_K = 16;
// How the subgroups of a work group lie over the tile.
layout(constant_id = 18) const uint SUBGROUPS_M = 2;
layout(constant_id = 19) const uint SUBGROUPS_N = 2;

const uint PARTS_M = TILE_M / (MATRIX_M * SUBGROUPS_M);
const uint PARTS_N = TILE_N / (MATRIX_N * SUBGROUPS_N);
const uint PITCH_C = TILE_N + 4;

shared float tile_c[TILE_M * PITCH_C];

void gemm_tile(uint m, uint n, uint m_end, uint n_end, uint k, uint k_end) {
  // In the tile.
  const uint row = gl_SubgroupID / SUBGROUPS_N * PARTS_M * MATRIX_M;
  const uint column = gl_SubgroupID % SUBGROUPS_N * PARTS_N * MATRIX_N;
  coopmat<float, gl_ScopeSubgroup, MATRIX_M, MATRIX_N, gl_MatrixUseAccumulator>
      parts[PARTS_M * PARTS_N];
  [[unroll]] for (uint i = 0; i < PARTS_M * PARTS_N; ++i) {
    parts[i] = coopmat<float, gl_ScopeSubgroup, MATRIX_M, MATRIX_N, gl_MatrixUseAccumulator>(0.0);
  }
  for (; k < k_end; k += TILE_K) {
    load_tile_of_a(m, m_end, k, k_end);
    load_tile_of_b(n, n_end, k, k_end);
    barrier();
    for (uint depth = 0; depth < TILE_K; depth += MATRIX_K) {
      coopmat<float16_t, gl_ScopeSubgroup, MATRIX_M, MATRIX_K, gl_MatrixUseA> a[PARTS_M];
      [[unroll]] for (uint i = 0; i < PARTS_M; ++i) {
        coopMatLoad(a[i], tile_a, depth * PITCH_A + row + i * MATRIX_M, PITCH_A,
                    gl_CooperativeMatrixLayoutColumnMajor);
      }
      [[unroll]] for (uint j = 0; j < PARTS_N; ++j) {
        coopmat<float16_t, gl_ScopeSubgroup, MATRIX_K, MATRIX_N, gl_MatrixUseB> b;
        coopMatLoad(b, tile_b, depth * PITCH_B + column + j * MATRIX_N, PITCH_B,
                    gl_CooperativeMatrixLayoutRowMajor);
        [[unroll]] for (uint i = 0; i < PARTS_M; ++i) {
          parts[i * PARTS_N + j] = coopMatMulAdd(a[i], b, parts[i * PARTS_N + j]);
        }
      }
    }
    barrier();
  }
  [[unroll]] for (uint i = 0; i < PARTS_M; ++i) {
    [[unroll]] for (uint j = 0; j < PARTS_N; ++j) {
      coopMatStore(parts[i * PARTS_N + j], tile_c,
                   (row + i * MATRIX_M) * PITCH_C + column + j * MATRIX_N, PITCH_C,
                   gl_CooperativeMatrixLayoutRowMajor);
    }
  }
  barrier();
  [[unroll]] for (uint i = 0; i < REGISTERS_M; ++i) {
    [[unroll]] for (uint j = 0; j < REGISTERS_N; ++j) {
      sums[i * REGISTERS_N + j] = tile_c[row_in_tile(i) * PITCH_C + column_in_tile(j)];
    }
  }
}

#endif  // TESSERA_VULKAN_GEMM_COOPERATIVE_GLSL_
