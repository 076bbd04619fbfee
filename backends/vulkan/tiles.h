// SPDX-License-Identifier: Apache-2.0
//
// How products are cut into work groups: gemm.glsl's specialisation constants.
#ifndef TESSERA_BACKENDS_VULKAN_TILES_H_
#define TESSERA_BACKENDS_VULKAN_TILES_H_

#include <cstdint>

#include "tessera/backends/vulkan/instance.h"

namespace tessera::vulkan {

// A work group's part of C (M, N) = A (M, K) B (K, N).
struct Tile {
  uint32_t m, n, k;
  uint32_t registers_m, registers_n;  // an invocation's part

  uint32_t threads() const { return m / registers_m * (n / registers_n); }
};

// The tile for `batches` products, of elements that take `value_bytes` when computed with. Wants no
// more than the device's limits.
Tile choose_tile(const PhysicalDevice& device, uint32_t value_bytes, uint64_t batches, uint64_t m,
                 uint64_t n, uint64_t k);

// In how many parts, each of `least` or more, to sum a depth of `depth`, so that `groups` work
// groups become enough for the device. A round of the shader's loop sums a depth of `round`.
// Depends on nothing else, so that results repeat.
uint32_t choose_splits(const PhysicalDevice& device, uint64_t groups, uint64_t depth,
                       uint32_t least, uint32_t round);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_TILES_H_
