// SPDX-License-Identifier: Apache-2.0
//
// The free parts of blocks of memory. Pure bookkeeping, so that it is tested without a device.
#ifndef TESSERA_BACKENDS_VULKAN_FREE_RANGES_H_
#define TESSERA_BACKENDS_VULKAN_FREE_RANGES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

namespace tessera::vulkan {

struct Range {
  uint32_t block = 0;
  uint64_t offset = 0, size = 0;  // bytes
};

// Best fit over all blocks; neighbours merge when they are given back.
class FreeRanges {
 public:
  // A new block, wholly free. `block` is not in use.
  void add_block(uint32_t block, uint64_t size);
  // The smallest free range that holds `size` bytes, cut to it.
  std::optional<Range> take(uint64_t size);
  void give_back(Range range);
  // Forgets the blocks that are wholly free and returns them.
  std::vector<uint32_t> remove_whole_blocks();

 private:
  void insert(Range range);
  void erase(Range range);

  std::set<std::tuple<uint64_t, uint32_t, uint64_t>> by_size_;  // size, block, offset
  std::map<std::pair<uint32_t, uint64_t>, uint64_t> by_place_;  // -> size
  std::map<uint32_t, uint64_t> blocks_;                         // -> size
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_FREE_RANGES_H_
