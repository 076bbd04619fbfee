// SPDX-License-Identifier: Apache-2.0
//
// Which blocks the allocator makes: capacities in steps of 64 bytes up to 1 KiB, then eight per
// power of two, so that at most an eighth of a block is unused.
#ifndef TESSERA_BACKENDS_CPU_SIZE_CLASS_H_
#define TESSERA_BACKENDS_CPU_SIZE_CLASS_H_

#include <bit>
#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

inline constexpr size_t kBlockAlignment = 64;
inline constexpr uint32_t kSizeClasses = 16 + 8 * 40;
inline constexpr uint64_t kMaxBlockBytes = uint64_t{1} << 48;

// The smallest class that holds `bytes` (at most kMaxBlockBytes).
inline uint32_t size_class(uint64_t bytes) {
  const uint64_t last = bytes == 0 ? 0 : (bytes - 1) / kBlockAlignment;  // units - 1
  if (last < 16) return static_cast<uint32_t>(last);
  const uint32_t exponent = static_cast<uint32_t>(std::bit_width(last)) - 1;  // >= 4
  const uint32_t step = static_cast<uint32_t>(last >> (exponent - 3));        // 8..15
  return 16 + (exponent - 4) * 8 + (step - 8);
}

// Bytes of a block of a class.
inline uint64_t class_bytes(uint32_t index) {
  if (index < 16) return (index + 1) * kBlockAlignment;
  const uint32_t exponent = (index - 16) / 8 + 4;
  const uint64_t step = (index - 16) % 8 + 8;
  return ((step + 1) << (exponent - 3)) * kBlockAlignment;
}

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_SIZE_CLASS_H_
