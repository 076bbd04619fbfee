// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/hazards.h"

#include "gtest/gtest.h"

namespace tessera::vulkan {
namespace {

bool conflict(const Hazards& hazards, Access access) { return hazards.conflict({&access, 1}); }
void add(Hazards& hazards, Access access) { hazards.add({&access, 1}); }

TEST(HazardsTest, ReadsDoNotConflictWithReads) {
  Hazards hazards;
  add(hazards, {100, 50, false});
  EXPECT_FALSE(conflict(hazards, {100, 50, false}));
}

TEST(HazardsTest, ReadAfterWriteWriteAfterReadAndWriteAfterWriteConflict) {
  for (const bool first : {false, true}) {
    for (const bool second : {false, true}) {
      Hazards hazards;
      add(hazards, {100, 52, first});
      EXPECT_EQ(conflict(hazards, {148, 4, second}), first || second);
      EXPECT_EQ(conflict(hazards, {96, 8, second}), first || second);
      EXPECT_FALSE(conflict(hazards, {152, 100, second}));
      EXPECT_FALSE(conflict(hazards, {0, 100, second}));
    }
  }
}

TEST(HazardsTest, BytesOfOneWordConflict) {
  Hazards hazards;
  add(hazards, {100, 1, true});
  EXPECT_TRUE(conflict(hazards, {103, 1, true}));
  EXPECT_FALSE(conflict(hazards, {104, 1, true}));
}

TEST(HazardsTest, NothingConflictsWithNoBytes) {
  Hazards hazards;
  add(hazards, {100, 0, true});
  EXPECT_FALSE(conflict(hazards, {96, 16, true}));
}

TEST(HazardsTest, ABarrierForgets) {
  Hazards hazards;
  add(hazards, {100, 50, true});
  hazards.clear();
  EXPECT_FALSE(conflict(hazards, {100, 50, true}));
}

}  // namespace
}  // namespace tessera::vulkan
