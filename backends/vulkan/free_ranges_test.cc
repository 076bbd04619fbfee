// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/free_ranges.h"

#include <algorithm>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace tessera::vulkan {
namespace {

TEST(FreeRangesTest, TakesTheSmallestThatFits) {
  FreeRanges ranges;
  ranges.add_block(0, 1000);
  ranges.add_block(1, 300);
  const auto taken = ranges.take(256);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->block, 1u);
  EXPECT_EQ(ranges.take(1001), std::nullopt);
}

TEST(FreeRangesTest, NeighboursMerge) {
  FreeRanges ranges;
  ranges.add_block(0, 300);
  const Range a = *ranges.take(100), b = *ranges.take(100), c = *ranges.take(100);
  ranges.give_back(a);
  ranges.give_back(c);
  EXPECT_EQ(ranges.take(200), std::nullopt);
  EXPECT_TRUE(ranges.remove_whole_blocks().empty());
  ranges.give_back(b);
  EXPECT_TRUE(ranges.take(300).has_value());
}

TEST(FreeRangesTest, BlocksDoNotMergeWithEachOther) {
  FreeRanges ranges;
  ranges.add_block(0, 100);
  ranges.add_block(1, 100);
  EXPECT_EQ(ranges.take(150), std::nullopt);
  EXPECT_EQ(ranges.remove_whole_blocks().size(), 2u);
  EXPECT_EQ(ranges.take(1), std::nullopt);
}

// Against a map of bytes.
TEST(FreeRangesTest, RandomUseNeverGivesAByteTwice) {
  std::mt19937 random(7);
  FreeRanges ranges;
  std::vector<std::vector<bool>> used(3, std::vector<bool>(4096, false));
  for (uint32_t block = 0; block < 3; ++block) ranges.add_block(block, 4096);
  std::vector<Range> live;
  for (int step = 0; step < 20000; ++step) {
    if (live.empty() || random() % 2 == 0) {
      const uint64_t size = 1 + random() % 700;
      const auto taken = ranges.take(size);
      if (!taken.has_value()) continue;
      ASSERT_EQ(taken->size, size);
      for (uint64_t k = 0; k < size; ++k) {
        ASSERT_FALSE(used[taken->block][taken->offset + k]);
        used[taken->block][taken->offset + k] = true;
      }
      live.push_back(*taken);
    } else {
      std::swap(live[random() % live.size()], live.back());
      const Range range = live.back();
      live.pop_back();
      std::fill_n(used[range.block].begin() + range.offset, range.size, false);
      ranges.give_back(range);
    }
  }
  for (const Range& range : live) ranges.give_back(range);
  EXPECT_EQ(ranges.remove_whole_blocks().size(), 3u);
}

}  // namespace
}  // namespace tessera::vulkan
