// SPDX-License-Identifier: Apache-2.0
//
// integer.glsl, as C++, against backends/elementwise/scalar.h: all pairs of edges and of small
// numbers.
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/elementwise/scalar.h"
#include "tessera/backends/vulkan/glsl.h"

namespace tessera::vulkan::glsl {
namespace {

#include "backends/vulkan/integer.glsl"

template <class T>
void expect_all_pairs() {
  using Reference = elementwise::Integer<T>;
  using Limits = std::numeric_limits<T>;
  std::vector<T> x = {Limits::min(), Limits::min() + 1, Limits::max(), Limits::max() - 1, 46341,
                      65536};
  for (int i = -40; i <= 40; ++i) x.push_back(i);
  for (T a : x) {
    EXPECT_EQ(m_abs(a), abs(Reference(a)).value) << a;
    for (T b : x) {
      ASSERT_EQ(quotient(a, b), (Reference(a) / Reference(b)).value) << a << " " << b;
      ASSERT_EQ(m_fmod(a, b), fmod(Reference(a), Reference(b)).value) << a << " " << b;
      ASSERT_EQ(m_pow(a, b), pow(Reference(a), Reference(b)).value) << a << " " << b;
    }
  }
}

TEST(IntegerTest, Int32) { expect_all_pairs<int32_t>(); }
TEST(IntegerTest, Int64) { expect_all_pairs<int64_t>(); }

}  // namespace
}  // namespace tessera::vulkan::glsl
