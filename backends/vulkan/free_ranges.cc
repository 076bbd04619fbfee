// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/free_ranges.h"

namespace tessera::vulkan {

void FreeRanges::insert(Range range) {
  by_size_.insert({range.size, range.block, range.offset});
  by_place_[{range.block, range.offset}] = range.size;
}

void FreeRanges::erase(Range range) {
  by_size_.erase({range.size, range.block, range.offset});
  by_place_.erase({range.block, range.offset});
}

void FreeRanges::add_block(uint32_t block, uint64_t size) {
  blocks_[block] = size;
  insert({block, 0, size});
}

std::optional<Range> FreeRanges::take(uint64_t size) {
  const auto found = by_size_.lower_bound({size, 0, 0});
  if (found == by_size_.end()) return std::nullopt;
  const Range whole = {std::get<1>(*found), std::get<2>(*found), std::get<0>(*found)};
  erase(whole);
  if (whole.size > size) insert({whole.block, whole.offset + size, whole.size - size});
  return Range{whole.block, whole.offset, size};
}

void FreeRanges::give_back(Range range) {
  auto next = by_place_.lower_bound({range.block, range.offset});
  if (next != by_place_.begin()) {
    const auto previous = std::prev(next);
    const Range before = {previous->first.first, previous->first.second, previous->second};
    if (before.block == range.block && before.offset + before.size == range.offset) {
      erase(before);
      range = {range.block, before.offset, before.size + range.size};
    }
  }
  next = by_place_.lower_bound({range.block, range.offset});
  if (next != by_place_.end()) {
    const Range after = {next->first.first, next->first.second, next->second};
    if (after.block == range.block && range.offset + range.size == after.offset) {
      erase(after);
      range.size += after.size;
    }
  }
  insert(range);
}

std::vector<uint32_t> FreeRanges::remove_whole_blocks() {
  std::vector<uint32_t> whole;
  for (const auto& [block, size] : blocks_) {
    const auto found = by_place_.find({block, 0});
    if (found != by_place_.end() && found->second == size) whole.push_back(block);
  }
  for (uint32_t block : whole) {
    erase({block, 0, blocks_[block]});
    blocks_.erase(block);
  }
  return whole;
}

}  // namespace tessera::vulkan
