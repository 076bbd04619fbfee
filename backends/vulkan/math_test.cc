// SPDX-License-Identifier: Apache-2.0
//
// math.glsl and math_trig.glsl as C++, against long doubles.
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/glsl.h"
#include "tessera/backends/vulkan/math_checks.h"

namespace tessera::vulkan::glsl {
namespace {

#include "backends/vulkan/math_trig.glsl"

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kGreatest = std::numeric_limits<float>::max();

class UnaryTest : public testing::TestWithParam<Unary<float>> {};

TEST_P(UnaryTest, IsWithinItsBound) { expect_within_bound(GetParam()); }

#define FUNCTION(name, low, high, bound)                                             \
  Unary<float> {                                                                     \
#name, m_##name, [](Exact x) -> Exact { return std::name(x); }, low, high, bound \
  }
INSTANTIATE_TEST_SUITE_P(
    Functions, UnaryTest,
    testing::Values(FUNCTION(exp, -20, 20, 1), FUNCTION(exp2, -20, 20, 1),
                    FUNCTION(expm1, -3, 3, 3.2), FUNCTION(log, 0, 4, 1), FUNCTION(log2, 0, 4, 2),
                    FUNCTION(log10, 0, 4, 2), FUNCTION(log1p, -1, 3, 2), FUNCTION(sqrt, 0, 4, 1),
                    FUNCTION(sin, -2e4, 2e4, 2.6), FUNCTION(cos, -2e4, 2e4, 2.6),
                    FUNCTION(tan, -2e4, 2e4, 3.5), FUNCTION(asin, -1, 1, 2.6),
                    FUNCTION(acos, -1, 1, 2), FUNCTION(atan, -4, 4, 2.7), FUNCTION(sinh, -5, 5, 2),
                    FUNCTION(cosh, -5, 5, 2), FUNCTION(tanh, -5, 5, 3), FUNCTION(erf, -6, 6, 2),
                    FUNCTION(floor, -9, 9, 0), FUNCTION(ceil, -9, 9, 0), FUNCTION(trunc, -9, 9, 0),
                    FUNCTION(rint, -9, 9, 0)),
    [](const auto& info) { return std::string(info.param.name); });

float power(float a, float b) { return m_pow(a, b); }
float arc(float a, float b) { return m_atan2(a, b); }
float rest(float a, float b) { return m_fmod(a, b); }

TEST(MathTest, Power) {
  expect_pairs_within<float>(3, power, [](Exact a, Exact b) { return std::pow(a, b); });
}
TEST(MathTest, ArcTangentOfTwo) {
  expect_pairs_within<float>(2.7, arc, [](Exact a, Exact b) { return std::atan2(a, b); });
}
TEST(MathTest, RemainderIsExact) {
  expect_pairs_within<float>(0, rest, [](Exact a, Exact b) { return std::fmod(a, b); });
}

TEST(MathTest, SignsOfZeros) {
  using Function = float (*)(float);
  for (Function f : std::initializer_list<Function>{m_sin, m_tan, m_asin, m_atan, m_sinh, m_tanh,
                                                    m_expm1, m_log1p, m_sqrt, m_erf}) {
    EXPECT_TRUE(std::signbit(f(-0.0f)));
    EXPECT_FALSE(std::signbit(f(0.0f)));
  }
  EXPECT_TRUE(std::signbit(rest(-6, 3)));
  EXPECT_TRUE(std::signbit(power(-0.0f, 3)));
  EXPECT_FALSE(std::signbit(power(-0.0f, 2)));
  EXPECT_TRUE(std::signbit(arc(-0.0f, 1)));
  EXPECT_LT(arc(-0.0f, -0.0f), -3);
}

TEST(MathTest, QuotientsAreRoundedToNearest) {
  expect_corrected_quotients<float>(
      [](float n, float q, float b) { return remainder_of(n, q, b); });
  auto divide = [](float a, float b) { return quotient(a, b); };
  EXPECT_EQ(divide(6, 3), 2);
  EXPECT_EQ(divide(1, 0), kInf);
  EXPECT_EQ(divide(-1, kInf), 0);
  EXPECT_TRUE(std::isnan(divide(0, 0)));
  EXPECT_EQ(divide(kGreatest, kGreatest), 1);
  EXPECT_EQ(root(float(49)), 7);
  EXPECT_EQ(root(float(0)), 0);
  EXPECT_EQ(root(kInf), kInf);
}

}  // namespace
}  // namespace tessera::vulkan::glsl
