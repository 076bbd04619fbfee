// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/elementwise/ops.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/elementwise/scalar.h"

namespace tessera::elementwise {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <class Op>
double real(double x) {
  return Op::apply(Real<double>(x)).value;
}
template <class Op>
double real(double a, double b) {
  return Op::apply(Real<double>(a), Real<double>(b)).value;
}
template <class Op, class T>
T integer(T x) {
  return Op::apply(Integer<T>(x)).value;
}
template <class Op, class T>
T integer(T a, T b) {
  return Op::apply(Integer<T>(a), Integer<T>(b)).value;
}

template <class Op>
void expect_same(double x, double want) {
  double got = real<Op>(x);
  if (std::isnan(want)) {
    EXPECT_TRUE(std::isnan(got)) << "at " << x << ": " << got;
  } else if (std::isinf(want)) {
    EXPECT_EQ(got, want) << "at " << x;
  } else {
    EXPECT_NEAR(got, want, 1e-14 * std::fabs(want) + 1e-300) << "at " << x;
  }
}

// Values worked out apart from this code (Python's math module to 17 digits).
TEST(OpsTest, ActivationsAtOrdinaryPoints) {
  expect_same<Sigmoid>(0.5, 0.62245933120185459);
  expect_same<Silu>(-1.5, -0.27363828570953451);
  expect_same<Gelu>(1.25, 1.1179377829164308);
  expect_same<GeluTanh>(1.25, 1.1177142029697147);
  expect_same<Softplus>(0.75, 1.1368710061148999);
  expect_same<Logsigmoid>(0.75, -0.38687100611489986);
  expect_same<Rsqrt>(0.3, 1.8257418583505538);
  expect_same<Mish>(-1.5, -0.29809974216680676);
  expect_same<Mish>(0.7, 0.56114837764385186);
  expect_same<Hardswish>(0.6, 0.36);
}

// Values from mpmath with 30 digits.
TEST(OpsTest, InverseErrorFunction) {
  expect_same<Erfinv>(1e-10, 8.8622692545275805e-11);
  expect_same<Erfinv>(0.5, 0.47693627620446987);
  expect_same<Erfinv>(-0.97, -1.5344856217777179);
  // One unit in the last place of x is 1e-14 of y here, and 3e-4 below.
  EXPECT_NEAR(real<Erfinv>(0.999), 2.3267537655135245, 1e-13);
  EXPECT_NEAR(real<Erfinv>(1 - std::ldexp(1.0, -50)), 5.686128441310391, 2e-8);
  expect_same<Erfinv>(1, kInf);
  expect_same<Erfinv>(-1, -kInf);
  expect_same<Erfinv>(1.5, kNan);
  expect_same<Erfinv>(-kInf, kNan);
  expect_same<Erfinv>(kNan, kNan);
  for (float x : {1e-20f, 0.3f, -0.9f, 0.9999f, 0.9999999f}) {
    const double exact = real<Erfinv>(x);
    EXPECT_NEAR(Erfinv::apply(Real<float>(x)).value, exact, 4e-7 * std::fabs(exact)) << x;
  }
}

TEST(OpsTest, ActivationsWithParameters) {
  EXPECT_EQ(real<Prelu>(3, 0.1), 3);
  EXPECT_EQ(real<Prelu>(-3, 0.1), -3 * 0.1);
  EXPECT_TRUE(std::isnan(real<Prelu>(kNan, 0.1)));
  EXPECT_EQ(real<Elu>(1000, 0.5), 1000);
  EXPECT_EQ(real<Elu>(-1000, 0.5), -0.5);
  EXPECT_TRUE(std::isnan(real<Elu>(kNan, 0.5)));
}

TEST(OpsTest, TailsDoNotOverflow) {
  expect_same<Softplus>(1000, 1000);
  expect_same<Softplus>(-1000, 0);
  expect_same<Softplus>(-50, std::exp(-50.0));
  expect_same<Softplus>(kInf, kInf);
  expect_same<Softplus>(-kInf, 0);
  expect_same<Softplus>(kNan, kNan);
  expect_same<Logsigmoid>(-1000, -1000);
  expect_same<Logsigmoid>(1000, 0);
  expect_same<Logsigmoid>(kNan, kNan);
  expect_same<Sigmoid>(-1000, 0);
  expect_same<Sigmoid>(1000, 1);
  expect_same<Mish>(1000, 1000);
  expect_same<Mish>(-40, -1.6993417021166245e-16);
  expect_same<Mish>(-1000, 0);
  expect_same<Mish>(kNan, kNan);
  expect_same<Hardswish>(1000, 1000);
  expect_same<Hardswish>(-1000, 0);
  expect_same<Hardswish>(kNan, kNan);
  EXPECT_EQ(real<HardswishBackward>(2, -3), 0);
  EXPECT_EQ(real<HardswishBackward>(2, 3), 2);
}

TEST(OpsTest, NanAndZeroOfReluAndSign) {
  expect_same<Relu>(kNan, kNan);
  expect_same<Relu>(-kInf, 0);
  expect_same<Relu>(kInf, kInf);
  expect_same<Sign>(kNan, 0);
  expect_same<Sign>(-0.0, 0);
  expect_same<Sign>(-3, -1);
  EXPECT_EQ(real<ReluBackward>(5, 0), 0);
  EXPECT_EQ(real<ReluBackward>(5, 2), 5);
  EXPECT_EQ(real<ReluBackward>(5, kNan), 5);
}

TEST(OpsTest, MaximumAndMinimumPropagateNanFromEitherSide) {
  EXPECT_TRUE(std::isnan(real<Maximum>(kNan, 1)));
  EXPECT_TRUE(std::isnan(real<Maximum>(1, kNan)));
  EXPECT_TRUE(std::isnan(real<Minimum>(kNan, 1)));
  EXPECT_TRUE(std::isnan(real<Minimum>(1, kNan)));
  EXPECT_EQ(real<Maximum>(-2, 3), 3);
  EXPECT_EQ(real<Minimum>(-2, 3), -2);
}

TEST(OpsTest, ClampHoldsBetweenItsBounds) {
  auto clamp = [](double a, double b, double c) {
    return Clamp::apply(Real<double>(a), Real<double>(b), Real<double>(c)).value;
  };
  EXPECT_EQ(clamp(-3, -1, 2), -1);
  EXPECT_EQ(clamp(0.5, -1, 2), 0.5);
  EXPECT_EQ(clamp(3, -1, 2), 2);
  EXPECT_EQ(clamp(0, 2, -1), -1);
  EXPECT_EQ(clamp(-kInf, -1, kInf), -1);
  EXPECT_TRUE(std::isnan(clamp(kNan, -1, 2)));
  EXPECT_TRUE(std::isnan(clamp(0, kNan, 2)));
  EXPECT_TRUE(std::isnan(clamp(0, -1, kNan)));
}

TEST(OpsTest, RoundIsHalfToEven) {
  const double in[] = {-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.6};
  const double out[] = {-2, -2, -0.0, 0, 2, 2, 3};
  for (int i = 0; i < 7; ++i) EXPECT_EQ(real<Round>(in[i]), out[i]);
}

TEST(OpsTest, RemainderAndFloorDivideFollowPython) {
  // (a, b, a % b, a // b)
  const double cases[][4] = {{7, 3, 1, 2},         {-7, 3, 2, -3},
                             {7, -3, -2, -3},      {-7, -3, -1, 2},
                             {6, -3, 0, -2},       {5.5, 0.5, 0, 11},
                             {1, kInf, 1, 0},      {1, -kInf, -kInf, -1},
                             {-1, kInf, kInf, -1}, {1, 0.1, 0.09999999999999995, 9}};
  for (const auto& [a, b, remainder, quotient] : cases) {
    EXPECT_EQ(real<Remainder>(a, b), remainder) << a << " % " << b;
    EXPECT_EQ(real<FloorDivide>(a, b), quotient) << a << " // " << b;
    if (std::isfinite(b) && std::floor(a) == a && std::floor(b) == b) {
      EXPECT_EQ(integer<Remainder>(int64_t(a), int64_t(b)), int64_t(remainder));
      EXPECT_EQ(integer<FloorDivideInteger>(int64_t(a), int64_t(b)), int64_t(quotient));
    }
  }
  EXPECT_EQ(real<FloorDivide>(1, 0), kInf);
  EXPECT_EQ(real<FloorDivide>(-1, 0), -kInf);
  EXPECT_TRUE(std::isnan(real<FloorDivide>(0, 0)));
  EXPECT_EQ(real<TruncDivide>(-7, 2), -3);
  EXPECT_EQ(integer<TruncDivideInteger>(-7, 2), -3);
}

TEST(OpsTest, IntegersWrap) {
  const int32_t least = std::numeric_limits<int32_t>::min();
  const int64_t least64 = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(integer<Neg>(least), least);
  EXPECT_EQ(integer<Abs>(least64), least64);
  EXPECT_EQ(integer<Sub>(least, 1), std::numeric_limits<int32_t>::max());
  EXPECT_EQ(integer<Mul>(least64, int64_t{-1}), least64);
  EXPECT_EQ((integer<Add, uint8_t>(200, 100)), 44);
  EXPECT_EQ((integer<Neg, uint8_t>(1)), 255);
  EXPECT_EQ((integer<BitwiseNot, uint8_t>(1)), 254);
  EXPECT_EQ(integer<FloorDivideInteger>(least64, int64_t{-1}), least64);
  EXPECT_EQ(integer<Remainder>(least64, int64_t{-1}), 0);
}

TEST(OpsTest, IntegerDivisionByZeroIsZero) {
  EXPECT_EQ(integer<FloorDivideInteger>(7, 0), 0);
  EXPECT_EQ(integer<TruncDivideInteger>(7, 0), 0);
  EXPECT_EQ(integer<Remainder>(7, 0), 0);
  EXPECT_EQ(integer<Fmod>(-7, 0), 0);
}

TEST(OpsTest, IntegerPower) {
  EXPECT_EQ(integer<Pow>(-3, 3), -27);
  EXPECT_EQ(integer<Pow>(7, 0), 1);
  EXPECT_EQ(integer<Pow>(0, 0), 1);
  EXPECT_EQ(integer<Pow>(2, 31), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(integer<Pow>(2, -1), 0);
  EXPECT_EQ(integer<Pow>(1, -5), 1);
  EXPECT_EQ(integer<Pow>(-1, -5), -1);
  EXPECT_EQ(integer<Pow>(-1, -4), 1);
  EXPECT_EQ(integer<Pow>(0, -1), 0);
}

TEST(OpsTest, Predicates) {
  for (double x : {0.0, -1e308, 1e-320, kInf, -kInf, kNan}) {
    static_assert(std::is_same_v<decltype(IsInf::apply(Real<double>(x))), bool>);
    EXPECT_EQ(IsNan::apply(Real<double>(x)), std::isnan(x));
    EXPECT_EQ(IsInf::apply(Real<double>(x)), std::isinf(x));
    EXPECT_EQ(IsFinite::apply(Real<double>(x)), std::isfinite(x));
  }
}

// The gradients against differences of the functions that they belong to.
TEST(OpsTest, BackwardsAreDerivatives) {
  const double h = 1e-5, g = 1.7;
  for (double x : {-3.1, -0.9, -0.2, 0.3, 1.1, 2.7}) {
    auto slope = [&]<class Op>(Op) { return g * (real<Op>(x + h) - real<Op>(x - h)) / (2 * h); };
    EXPECT_NEAR(real<ReluBackward>(g, real<Relu>(x)), slope(Relu()), 1e-8);
    EXPECT_NEAR(real<SigmoidBackward>(g, real<Sigmoid>(x)), slope(Sigmoid()), 1e-8);
    EXPECT_NEAR(real<TanhBackward>(g, real<Tanh>(x)), slope(Tanh()), 1e-8);
    EXPECT_NEAR(real<SiluBackward>(g, x), slope(Silu()), 1e-8);
    EXPECT_NEAR(real<GeluBackward>(g, x), slope(Gelu()), 1e-8);
    EXPECT_NEAR(real<GeluTanhBackward>(g, x), slope(GeluTanh()), 1e-8);
    EXPECT_NEAR(real<MishBackward>(g, x), slope(Mish()), 1e-8);
    EXPECT_NEAR(real<HardswishBackward>(g, x), slope(Hardswish()), 1e-8);
    const Real<double> parameter(0.7);
    auto slope_with = [&]<class Op>(Op) {
      return g *
             (Op::apply(Real<double>(x + h), parameter).value -
              Op::apply(Real<double>(x - h), parameter).value) /
             (2 * h);
    };
    EXPECT_NEAR(PreluBackward::apply(Real<double>(g), Real<double>(x), parameter).value,
                slope_with(Prelu()), 1e-8);
    EXPECT_NEAR(EluBackward::apply(Real<double>(g), Real<double>(x), parameter).value,
                slope_with(Elu()), 1e-8);
  }
}

// Every line of list.h names a struct that computes in its domain.
TEST(OpsTest, ListsCompileForTheirDomains) {
  std::vector<std::string> names;
#define UNARY(Type, name, domain)                                                   \
  names.push_back(#name);                                                           \
  if constexpr (Domain::domain != Domain::kInteger) Type::apply(Real<float>(0.5f)); \
  if constexpr (Domain::domain != Domain::kFloating) Type::apply(Integer<int32_t>(1));
  TESSERA_UNARY_OPS(UNARY)
#undef UNARY
#define BINARY(Type, name, domain)                   \
  names.push_back(#name);                            \
  if constexpr (Domain::domain != Domain::kInteger)  \
    Type::apply(Real<float>(0.5f), Real<float>(2));  \
  if constexpr (Domain::domain != Domain::kFloating) \
    Type::apply(Integer<uint8_t>(1), Integer<uint8_t>(2));
  TESSERA_BINARY_OPS(BINARY)
#undef BINARY
#define TERNARY(Type, name, domain)                                 \
  names.push_back(#name);                                           \
  if constexpr (Domain::domain != Domain::kInteger)                 \
    Type::apply(Real<float>(0.5f), Real<float>(2), Real<float>(3)); \
  if constexpr (Domain::domain != Domain::kFloating)                \
    Type::apply(Integer<uint8_t>(1), Integer<uint8_t>(2), Integer<uint8_t>(3));
  TESSERA_TERNARY_OPS(TERNARY)
#undef TERNARY
#define PLAIN(Type, name)                                                                     \
  static_assert(std::is_same_v<decltype(Type::apply(Real<float>(1), Real<float>(1))), bool>); \
  names.push_back(#name);
  TESSERA_COMPARE_OPS(PLAIN)
#undef PLAIN
#define LOGICAL(Type, name) EXPECT_FALSE(Type::apply(false, false)) << #name;
  TESSERA_LOGICAL_OPS(LOGICAL)
#undef LOGICAL
  EXPECT_TRUE(LogicalNot::apply(false));
  EXPECT_GT(names.size(), 60u);
}

}  // namespace
}  // namespace tessera::elementwise
