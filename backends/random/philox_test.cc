// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/random/philox.h"

#include <cmath>
#include <cstdint>

#include "gtest/gtest.h"

namespace {

// The known answers that Random123 publishes for philox4x32-10.
TEST(PhiloxTest, KnownAnswers) {
  const struct {
    uint32_t counter[4], key[2], out[4];
  } cases[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const auto& c : cases) {
    uint32_t out[4];
    tessera_philox4x32(c.counter, c.key, out);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(out[i], c.out[i]) << i;
  }
}

TEST(PhiloxTest, BlockSplitsSeedAndCounterIntoWords) {
  const uint64_t seed = 0x299f31d0a4093822, block = 0x85a308d3243f6a88;
  const uint32_t counter[4] = {0x243f6a88, 0x85a308d3, 0, 0};
  const uint32_t key[2] = {0xa4093822, 0x299f31d0};
  uint32_t want[4], got[4];
  tessera_philox4x32(counter, key, want);
  tessera_philox_block(seed, block, got);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(got[i], want[i]);
}

TEST(PhiloxTest, UniformsStayBelowOne) {
  EXPECT_EQ(tessera_uniform_float32(0), 0.0f);
  EXPECT_EQ(tessera_uniform_float32(0xff), 0.0f);
  EXPECT_EQ(tessera_uniform_float32(0xffffffff), std::nextafter(1.0f, 0.0f));
  EXPECT_EQ(tessera_uniform_float64(0x7ff, 0), 0.0);
  EXPECT_EQ(tessera_uniform_float64(0xffffffff, 0xffffffff), std::nextafter(1.0, 0.0));
  EXPECT_EQ(tessera_uniform_float64(0, 0x80000000), 0.5);
}

}  // namespace
