// SPDX-License-Identifier: Apache-2.0
//
// How many invocations share a row that a work group reduces: the constants of rows.glsl.
#ifndef TESSERA_BACKENDS_VULKAN_ROWS_H_
#define TESSERA_BACKENDS_VULKAN_ROWS_H_

#include <cstdint>

namespace tessera::vulkan {

struct RowGroups {
  uint32_t lanes;   // invocations to a row: a power of two up to 256
  uint32_t across;  // 1: adjacent invocations belong to adjacent rows

  uint32_t rows() const { return 256 / lanes; }  // of a work group
};

// The elements of a row that one invocation may look at. llvmpipe silently ends a shader's loops
// after 65535 rounds of all of them together, and kernels go through a row up to three times.
inline constexpr int64_t kMostPerLane = 16384;
inline constexpr int64_t kLongestRow = 256 * kMostPerLane;

// For rows of `size` elements that stand one after another.
inline RowGroups groups_along(int64_t size) {
  return {size <= 8 ? 1u : size <= 64 ? 8u : size <= 1024 ? 32u : 256u, 0};
}

// For `rows` rows of `size` elements, where the elements of `inner` rows stand next to each other.
inline RowGroups groups_across(int64_t rows, int64_t size, int64_t inner) {
  if (inner < 8 || size > 32 * kMostPerLane) return groups_along(size);
  const bool enough = rows >= 1 << 16 && size <= kMostPerLane;
  return {size <= 16 || enough ? 1u : size <= 256 ? 8u : 32u, 1};
}

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_ROWS_H_
