// SPDX-License-Identifier: Apache-2.0
//
// math64.glsl and math64_trig.glsl as C++, against long doubles.
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/glsl.h"
#include "tessera/backends/vulkan/math_checks.h"

namespace tessera::vulkan::glsl {
namespace {

#include "backends/vulkan/math64_trig.glsl"

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kGreatest = std::numeric_limits<double>::max();

class UnaryTest : public testing::TestWithParam<Unary<double>> {};

TEST_P(UnaryTest, IsWithinItsBound) { expect_within_bound(GetParam()); }

#define FUNCTION(name, low, high, bound)                                             \
  Unary<double> {                                                                    \
#name, m_##name, [](Exact x) -> Exact { return std::name(x); }, low, high, bound \
  }
INSTANTIATE_TEST_SUITE_P(
    Functions, UnaryTest,
    testing::Values(FUNCTION(exp, -20, 20, 1), FUNCTION(exp2, -20, 20, 1),
                    FUNCTION(expm1, -3, 3, 3.2), FUNCTION(log, 0, 4, 1), FUNCTION(log2, 0, 4, 2),
                    FUNCTION(log10, 0, 4, 2), FUNCTION(log1p, -1, 3, 2), FUNCTION(sqrt, 0, 4, 1),
                    FUNCTION(sin, -2e6, 2e6, 2.8), FUNCTION(cos, -2e6, 2e6, 2.6),
                    FUNCTION(tan, -2e6, 2e6, 4.2), FUNCTION(asin, -1, 1, 2.6),
                    FUNCTION(acos, -1, 1, 2), FUNCTION(atan, -4, 4, 2.7), FUNCTION(sinh, -5, 5, 2),
                    FUNCTION(cosh, -5, 5, 2), FUNCTION(tanh, -5, 5, 3), FUNCTION(erf, -6, 6, 2),
                    FUNCTION(floor, -9, 9, 0), FUNCTION(ceil, -9, 9, 0), FUNCTION(trunc, -9, 9, 0),
                    FUNCTION(rint, -9, 9, 0)),
    [](const auto& info) { return std::string(info.param.name); });

double power(double a, double b) { return m_pow(a, b); }
double arc(double a, double b) { return m_atan2(a, b); }
double rest(double a, double b) { return m_fmod(a, b); }

TEST(Math64Test, Power) {
  expect_pairs_within<double>(22, power, [](Exact a, Exact b) { return std::pow(a, b); });
}
TEST(Math64Test, ArcTangentOfTwo) {
  expect_pairs_within<double>(2.7, arc, [](Exact a, Exact b) { return std::atan2(a, b); });
}
TEST(Math64Test, RemainderIsExact) {
  expect_pairs_within<double>(0, rest, [](Exact a, Exact b) { return std::fmod(a, b); });
}

TEST(Math64Test, SignsOfZeros) {
  using Function = double (*)(double);
  for (Function f : std::initializer_list<Function>{m_sin, m_tan, m_asin, m_atan, m_sinh, m_tanh,
                                                    m_expm1, m_log1p, m_sqrt, m_erf}) {
    EXPECT_TRUE(std::signbit(f(-0.0)));
    EXPECT_FALSE(std::signbit(f(0.0)));
  }
  EXPECT_TRUE(std::signbit(rest(-6, 3)));
  EXPECT_TRUE(std::signbit(power(-0.0, 3)));
  EXPECT_FALSE(std::signbit(power(-0.0, 2)));
  EXPECT_TRUE(std::signbit(arc(-0.0, 1)));
  EXPECT_LT(arc(-0.0, -0.0), -3);
}

TEST(Math64Test, QuotientsAreRoundedToNearest) {
  expect_corrected_quotients<double>(
      [](double n, double q, double b) { return remainder_of(n, q, b); });
  auto divide = [](double a, double b) { return quotient(a, b); };
  EXPECT_EQ(divide(6, 3), 2);
  EXPECT_EQ(divide(1, 0), kInf);
  EXPECT_EQ(divide(-1, kInf), 0);
  EXPECT_TRUE(std::isnan(divide(0, 0)));
  EXPECT_EQ(divide(kGreatest, kGreatest), 1);
  EXPECT_EQ(root(double(49)), 7);
  EXPECT_EQ(root(double(0)), 0);
  EXPECT_EQ(root(kInf), kInf);
}

}  // namespace
}  // namespace tessera::vulkan::glsl
