// SPDX-License-Identifier: Apache-2.0
//
// half.glsl against the reference's conversions, which work on doubles.
#include "tessera/backends/reference/half.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/glsl.h"

namespace tessera::vulkan::glsl {
namespace {

#include "backends/vulkan/half.glsl"

using reference::Bfloat16;
using reference::Float16;

constexpr uint kNan = 0x7FC00000;

TEST(HalfTest, EveryFloat16IsDecoded) {
  for (uint bits = 0; bits < 0x10000; ++bits) {
    const double want = Float16::decode(static_cast<uint16_t>(bits));
    const float got = uintBitsToFloat(half_to_float_bits(bits));
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(got)) << bits;
    } else {
      ASSERT_EQ(got, want) << bits;
      ASSERT_EQ(std::signbit(got), std::signbit(want)) << bits;
    }
  }
}

TEST(HalfTest, EveryBfloat16IsDecoded) {
  for (uint bits = 0; bits < 0x10000; ++bits) {
    const double want = Bfloat16::decode(static_cast<uint16_t>(bits));
    const float got = uintBitsToFloat(bfloat_to_float_bits(bits));
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(got)) << bits;
    } else {
      ASSERT_EQ(got, want) << bits;
    }
  }
}

bool is_half_nan(uint bits, uint infinity) { return (bits & 0x7FFF) > infinity; }

// Positive values and the middles between them, and what is next to either.
template <class Format>
std::vector<double> edges() {
  std::vector<double> x = {0, std::numeric_limits<double>::infinity(), 1e300, 1e-300, 4.9e-324};
  for (int bits = 0; std::isfinite(Format::decode(static_cast<uint16_t>(bits))); ++bits) {
    const double low = Format::decode(static_cast<uint16_t>(bits));
    double high = Format::decode(static_cast<uint16_t>(bits + 1));
    if (std::isinf(high)) high = 2 * low - Format::decode(static_cast<uint16_t>(bits - 1));
    for (double v : {low, low + (high - low) / 2}) {
      x.insert(x.end(), {v, std::nextafter(v, 0.0), std::nextafter(v, INFINITY)});
    }
  }
  return x;
}

uint to_half(float x) { return float_to_half_bits(floatBitsToUint(x)); }
uint to_bfloat(float x) { return float_to_bfloat_bits(floatBitsToUint(x)); }
float odd(double x) {
  const uvec2 words = unpackDouble2x32(x);
  return uintBitsToFloat(double_to_odd_float_bits(words.x, words.y));
}

// Rounds doubles, and the floats next to them, by way of `encode`.
template <class Format>
void expect_encodes(uint (*encode)(float)) {
  for (double x : edges<Format>()) {
    for (double v : {x, -x}) {
      ASSERT_EQ(encode(odd(v)), Format::encode(v)) << v;
      const float near = static_cast<float>(v);
      for (float f : {near, std::nextafter(near, 0.0f), std::nextafter(near, INFINITY)}) {
        ASSERT_EQ(encode(f), Format::encode(f)) << f;
      }
    }
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i) {
    const uint64_t bits = random();
    const double wide = std::bit_cast<double>(bits);
    const float narrow = uintBitsToFloat(static_cast<uint>(bits));
    if (!std::isnan(wide)) {
      ASSERT_EQ(encode(odd(wide)), Format::encode(wide)) << wide;
    }
    if (!std::isnan(narrow)) {
      ASSERT_EQ(encode(narrow), Format::encode(narrow)) << narrow;
    }
  }
}

TEST(HalfTest, FloatsAndDoublesRoundOnceToFloat16) { expect_encodes<Float16>(to_half); }
TEST(HalfTest, FloatsAndDoublesRoundOnceToBfloat16) { expect_encodes<Bfloat16>(to_bfloat); }

TEST(HalfTest, NanStaysNan) {
  for (uint bits : {kNan, kNan | 0x80000000u, 0x7F800001u, 0xFFFFFFFFu}) {
    EXPECT_TRUE(is_half_nan(float_to_half_bits(bits), 0x7C00)) << bits;
    EXPECT_TRUE(is_half_nan(float_to_bfloat_bits(bits), 0x7F80)) << bits;
  }
  EXPECT_TRUE(std::isnan(odd(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(uintBitsToFloat(double_to_odd_float_bits(1, 0x7FF00000))));
  EXPECT_TRUE(std::isnan(uintBitsToFloat(double_to_odd_float_bits(0x20000000, 0xFFF00000))));
}

// Against the top bits of the number, computed apart: toward zero, then odd.
TEST(HalfTest, WholeNumbersRoundToOdd) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200000; ++i) {
    const uint64_t x = random() >> (random() % 64);
    uint64_t want = x;
    int shift = 0;
    while (want >> shift >= 1 << 24) ++shift;
    const bool lost = (want & ((uint64_t{1} << shift) - 1)) != 0;
    want = (want >> shift) | (lost ? 1 : 0);
    const float got =
        uintBitsToFloat(whole_to_odd_float_bits(static_cast<uint>(x), static_cast<uint>(x >> 32)));
    ASSERT_EQ(got, std::ldexp(static_cast<double>(want), shift)) << x;
  }
}

}  // namespace
}  // namespace tessera::vulkan::glsl
