// SPDX-License-Identifier: Apache-2.0
//
// Which ranges of device memory were read and written since the last barrier: says where the next
// barrier has to stand.
#ifndef TESSERA_BACKENDS_VULKAN_HAZARDS_H_
#define TESSERA_BACKENDS_VULKAN_HAZARDS_H_

#include <cstdint>
#include <span>
#include <vector>

namespace tessera::vulkan {

// Bytes [begin, end) of device addresses, in whole 32-bit words.
struct Access {
  uint64_t begin = 0, end = 0;
  bool write = false;

  Access() = default;
  Access(uint64_t address, uint64_t bytes, bool writes)
      : begin(address & ~uint64_t{3}), end((address + bytes + 3) & ~uint64_t{3}), write(writes) {
    if (bytes == 0) end = begin;
  }
};

class Hazards {
 public:
  // Whether one of `accesses` reads what was written, or writes what was read or written, since the
  // last clear().
  bool conflict(std::span<const Access> accesses) const;
  void add(std::span<const Access> accesses);
  void clear() { past_.clear(); }

 private:
  // A barrier is cheaper than looking through more.
  static constexpr size_t kMost = 96;
  std::vector<Access> past_;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_HAZARDS_H_
