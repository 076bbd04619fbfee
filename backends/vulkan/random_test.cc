// SPDX-License-Identifier: Apache-2.0
//
// random.glsl, as C++, against backends/random.
#include "gtest/gtest.h"
#include "tessera/backends/random/normal.h"
#include "tessera/backends/random/philox.h"
#include "tessera/backends/vulkan/glsl.h"

namespace tessera::vulkan::glsl {
namespace {

#include "backends/vulkan/random.glsl"

TEST(RandomTest, WordsArePhilox) {
  for (uint64_t seed : {uint64_t{0}, uint64_t{42}, uint64_t{0x123456789ABCDEF0}, ~uint64_t{0}}) {
    for (uint64_t offset : {uint64_t{0}, uint64_t{0xFFFFFFFF}, ~uint64_t{0}}) {
      for (uint64_t i = 0; i < 40; ++i) {
        uint32_t want[4];
        tessera_philox_block(seed, offset + i / 4, want);
        ASSERT_EQ(random_word(seed, offset, i), want[i % 4]) << seed << " " << offset << " " << i;
      }
    }
  }
}

TEST(RandomTest, NumbersHaveTheSameBits) {
  uint word = 1;
  for (int i = 0; i < 1000000; ++i) {
    // Words with few leading bits as well: the far tail.
    const uint w = i < 64 ? (i < 32 ? 1u << i : ~(1u << (i - 32))) : word >> (i % 32);
    const NormalPlace place = normal_place(w);
    const float* c = kTesseraNormalTable[place.row];
    const float got = normal_float(w, place.t, c[0], c[1], c[2], c[3]);
    ASSERT_EQ(floatBitsToUint(got), floatBitsToUint(tessera_normal_float32(w))) << w;
    ASSERT_EQ(uniform_float(w), tessera_uniform_float32(w)) << w;
    word = word * 1664525u + 1013904223u;
  }
  EXPECT_EQ(normal_place(0).row, 496u);
}

}  // namespace
}  // namespace tessera::vulkan::glsl
