// SPDX-License-Identifier: Apache-2.0
//
// How products are cut into work groups: gemm.glsl's specialisation constants.
#ifndef TESSERA_BACKENDS_VULKAN_TILES_H_
#define TESSERA_BACKENDS_VULKAN_TILES_H_

#include <array>
#include <cstdint>

#include "tessera/backends/vulkan/instance.h"

namespace tessera::vulkan {

// A work group's part of C (M, N) = A (M, K) B (K, N).
struct Tile {
  uint32_t m, n, k;
  uint32_t registers_m, registers_n;  // an invocation's part
  // gemm_cooperative.glsl: the device's matrices, and how subgroups lie over the tile.
  CooperativeMatrix matrix = {};
  uint32_t subgroups_m = 0, subgroups_n = 0;

  bool is_cooperative() const { return matrix.m != 0; }
  uint32_t threads() const { return m / registers_m * (n / registers_n); }
};

// The tile for `batches` products of elements of `dtype`. Wants no more than the device's limits.
// The environment variable TESSERA_VULKAN_TILE=<m>x<n>x<k>x<registers_m>x<registers_n> gives all
// products one tile where the device can have it, for tests.
Tile choose_tile(const PhysicalDevice& device, uint32_t dtype, uint64_t batches, uint64_t m,
                 uint64_t n, uint64_t k);

// The constants from 0 on of a shader with gemm.glsl; 8 to 14 are the shader's own, here 0.
using GemmConstants = std::array<uint32_t, 20>;
GemmConstants gemm_constants(const Tile& tile, bool a_along_depth, bool b_along_depth);

// Bytes of a value of `dtype` as it is computed with: float for the half types, int32 for uint8.
uint32_t value_bytes(uint32_t dtype);

// In how many parts, each of `least` or more, to sum a depth of `depth`, so that `groups` work
// groups become enough for the device. A round of the shader's loop sums a depth of `round`.
// Depends on nothing else, so that results repeat.
uint32_t choose_splits(const PhysicalDevice& device, uint64_t groups, uint64_t depth,
                       uint32_t least, uint32_t round);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_TILES_H_
