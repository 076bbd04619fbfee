// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/half.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace tessera::reference {
namespace {

template <class Format>
void expect_every_value_survives() {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const double value = Format::decode(static_cast<uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(Format::decode(Format::encode(value))));
    } else {
      ASSERT_EQ(Format::encode(value), bits) << value;
    }
  }
}

// Between neighbours: the nearer one, and the even one in the middle.
template <class Format>
void expect_rounding_to_nearest_even() {
  for (int bits = 0; Format::decode(static_cast<uint16_t>(bits + 1)) < INFINITY; ++bits) {
    const double low = Format::decode(static_cast<uint16_t>(bits));
    const double high = Format::decode(static_cast<uint16_t>(bits + 1));
    const double middle = low + (high - low) / 2;
    ASSERT_EQ(Format::encode(middle), (bits & 1) == 0 ? bits : bits + 1) << middle;
    ASSERT_EQ(Format::encode(std::nextafter(middle, low)), bits) << middle;
    ASSERT_EQ(Format::encode(std::nextafter(middle, high)), bits + 1) << middle;
    ASSERT_EQ(Format::encode(-middle), Format::encode(middle) | 0x8000);
  }
}

TEST(HalfTest, EveryFloat16Survives) { expect_every_value_survives<Float16>(); }
TEST(HalfTest, EveryBfloat16Survives) { expect_every_value_survives<Bfloat16>(); }
TEST(HalfTest, Float16RoundsToNearestEven) { expect_rounding_to_nearest_even<Float16>(); }
TEST(HalfTest, Bfloat16RoundsToNearestEven) { expect_rounding_to_nearest_even<Bfloat16>(); }

TEST(HalfTest, KnownValues) {
  EXPECT_EQ(Float16::encode(1.0), 0x3C00);
  EXPECT_EQ(Float16::encode(-2.0), 0xC000);
  EXPECT_EQ(Float16::encode(65504), 0x7BFF);
  EXPECT_EQ(Float16::encode(65519.99), 0x7BFF);
  EXPECT_EQ(Float16::encode(65520), 0x7C00);  // the middle to the next power of two
  EXPECT_EQ(Float16::encode(5.960464477539063e-08), 1);
  EXPECT_EQ(Bfloat16::encode(1.0), 0x3F80);
  EXPECT_EQ(Bfloat16::encode(1e40), 0x7F80);
  EXPECT_EQ(Float16::encode(-INFINITY), 0xFC00);
  EXPECT_EQ(Float16::encode(-0.0), 0x8000);
}

}  // namespace
}  // namespace tessera::reference
