// SPDX-License-Identifier: Apache-2.0
//
// The engine: layouts, dtypes, tails and threads. The maths of every op is the exam's business
// (backends/conformance).
#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tessera/backends/cpu/test_node.h"

namespace tessera::cpu {
namespace {

TEST(ElementwiseTest, AddsEveryDtypeAtEverySize) {
  TestBackend backend;
  for (uint32_t dtype = TSR_FLOAT32; dtype <= TSR_UINT8; ++dtype) {
    for (int64_t n : {0, 1, 2, 7, 15, 16, 17, 31, 33, 100, 1023, 1024, 1025, 3000}) {
      const TestTensor a = TestTensor::random(dtype, {n}, 1);
      const TestTensor b = TestTensor::random(dtype, {n}, 2);
      TestTensor y(dtype, {n});
      TestTensor expected(dtype, {n});
      for (int64_t i = 0; i < n; ++i) expected.set(i, a.at(i) + b.at(i));
      ASSERT_EQ(backend.run("add", {a, b}, {y}), TSR_OK) << backend.message();
      ASSERT_EQ(y.bytes(), expected.bytes()) << dtype_name(dtype) << " " << n;
    }
  }
}

TEST(ElementwiseTest, TakesEveryLayout) {
  TestBackend backend;
  for (uint32_t dtype : {TSR_FLOAT32, TSR_BFLOAT16, TSR_INT64, TSR_UINT8}) {
    const Shape shape = {5, 7, 67};
    const std::vector<TestTensor> operands = {
        TestTensor::random(dtype, shape, 1),
        TestTensor::random(dtype, {67, 7, 5}, 2).transposed(0, 2),
        TestTensor::random(dtype, {5, 67, 7}, 3).transposed(1, 2),
        TestTensor::random(dtype, {7, 1}, 4).expanded(shape),
        TestTensor::random(dtype, {67}, 5).expanded(shape),
        TestTensor::random(dtype, {5, 1, 67}, 6).expanded(shape),
        TestTensor::random(dtype, {}, 7).expanded(shape),
        TestTensor::random(dtype, {11, 7, 67}, 8).sliced(0, 1, 2),
        TestTensor::random(dtype, {5, 7, 135}, 9).sliced(2, 1, 2),
    };
    for (const TestTensor& a : operands) {
      for (const TestTensor& b : operands) {
        TestTensor y(dtype, shape);
        TestTensor expected(dtype, shape);
        for (int64_t i = 0; i < y.count(); ++i) expected.set(i, a.at(i) * b.at(i));
        ASSERT_EQ(backend.run("mul", {a, b}, {y}), TSR_OK) << backend.message();
        ASSERT_EQ(y.bytes(), expected.bytes()) << dtype_name(dtype);
      }
    }
  }
}

TEST(ElementwiseTest, IsTheSameForAnyNumberOfThreads) {
  TestBackend one(1);
  TestBackend three(3);
  for (const char* op : {"exp", "relu", "tanh"}) {
    const TestTensor x = TestTensor::random(TSR_FLOAT32, {300, 1001}, 1);
    for (const TestTensor& view : {x, x.transposed(0, 1)}) {
      TestTensor a(TSR_FLOAT32, view.shape()), b(TSR_FLOAT32, view.shape());
      ASSERT_EQ(one.run(op, {view}, {a}), TSR_OK);
      ASSERT_EQ(three.run(op, {view}, {b}), TSR_OK);
      ASSERT_EQ(a.bytes(), b.bytes()) << op;
    }
  }
}

TEST(ElementwiseTest, ComparesSelectsAndCombines) {
  TestBackend backend;
  for (int64_t n : {1, 13, 64, 1100}) {
    for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64, TSR_FLOAT16, TSR_INT32, TSR_BOOL}) {
      const TestTensor a = TestTensor::random(dtype, {n}, 1);
      const TestTensor b = TestTensor::random(dtype, {n}, 2);
      TestTensor less(TSR_BOOL, {n}), equal(TSR_BOOL, {n}), both(TSR_BOOL, {n}), y(dtype, {n});
      ASSERT_EQ(backend.run("lt", {a, b}, {less}), TSR_OK) << backend.message();
      ASSERT_EQ(backend.run("eq", {a, b}, {equal}), TSR_OK);
      ASSERT_EQ(backend.run("logical_or", {less, equal}, {both}), TSR_OK);
      ASSERT_EQ(backend.run("where", {both, a, b}, {y}), TSR_OK) << backend.message();
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_EQ(less.at(i), a.at(i) < b.at(i));
        ASSERT_EQ(equal.at(i), a.at(i) == b.at(i));
        ASSERT_EQ(y.at(i), std::min(a.at(i), b.at(i)));
      }
    }
  }
}

double ulp_distance(double actual, double exact) {
  if (std::isnan(exact)) return std::isnan(actual) ? 0 : 1e30;
  const float nearest = static_cast<float>(exact);
  if (actual == nearest) return 0;
  if (std::isinf(nearest) || std::isinf(actual)) return 1e30;
  const double unit = std::max(std::ldexp(1.0, -149), std::ldexp(1.0, std::ilogb(nearest) - 23));
  return std::fabs(actual - exact) / unit;
}

struct Function {
  const char* op;
  double (*exact)(double);
  double low, high;
  double ulps;
};

// The bounds are what contrib/math documents, or what was measured where the function is our own.
TEST(ElementwiseTest, FloatFunctionsAreAccurateEverywhere) {
  TestBackend backend;
  const Function functions[] = {
      {"exp", [](double x) { return std::exp(x); }, -110, 95, 2},
      {"log", [](double x) { return std::log(x); }, -1, 1e6, 4},
      {"log1p", [](double x) { return std::log1p(x); }, -1.5, 10, 4},
      {"expm1", [](double x) { return std::expm1(x); }, -30, 95, 4},
      {"tanh", [](double x) { return std::tanh(x); }, -12, 12, 5},
      {"erf", [](double x) { return std::erf(x); }, -5, 5, 3},
      {"sin", [](double x) { return std::sin(x); }, -40, 40, 8},
      {"cos", [](double x) { return std::cos(x); }, -40, 40, 8},
      {"sqrt", [](double x) { return std::sqrt(x); }, -1, 1e6, 1},
      {"exp2", [](double x) { return std::exp2(x); }, -150, 130, 2},
      {"log2", [](double x) { return std::log2(x); }, -1, 100, 4},
      {"log10", [](double x) { return std::log10(x); }, -1, 100, 4},
  };
  const float inf = std::numeric_limits<float>::infinity();
  for (const Function& f : functions) {
    std::vector<float> x = {0.0f,   -0.0f,   1.0f,     -1.0f,  1e-8f,  -1e-8f,       1e-40f,
                            100.0f, -100.0f, 88.7228f, 88.73f, -87.4f, -104.0f,      1e4f,
                            -1e4f,  1e30f,   -1e30f,   inf,    -inf,   std::nanf("")};
    for (int i = 0; i < 20000; ++i) {
      x.push_back(static_cast<float>(f.low + (f.high - f.low) * i / 20000));
    }
    const int64_t n = static_cast<int64_t>(x.size());
    const TestTensor in = TestTensor::of<float>({n}, x);
    TestTensor out(TSR_FLOAT32, {n});
    ASSERT_EQ(backend.run(f.op, {in}, {out}), TSR_OK);
    double worst = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double exact = f.exact(x[i]);
      // Near their zeros at multiples of pi, sin and cos are exact to the argument's rounding.
      if (std::fabs(exact) < 1e-3 && std::fabs(x[i]) > 1) continue;
      const double error = ulp_distance(out.at(i), exact);
      worst = std::max(worst, error);
      ASSERT_LE(error, f.ulps) << f.op << "(" << x[i] << ") = " << out.at(i) << ", exactly "
                               << exact;
      if (exact == 0) {
        ASSERT_EQ(std::signbit(out.at(i)), std::signbit(exact)) << f.op << x[i];
      }
    }
    RecordProperty(f.op, std::to_string(worst));
  }
}

TEST(ElementwiseTest, RefusesWhatItDoesNotKnow) {
  TestBackend backend;
  const TestTensor a(TSR_BOOL, {3}), f(TSR_FLOAT32, {3}), d(TSR_FLOAT64, {3});
  EXPECT_EQ(backend.run("exp", {a}, {a}), TSR_UNIMPLEMENTED);
  EXPECT_EQ(backend.run("add", {f, d}, {f}), TSR_UNIMPLEMENTED);
  EXPECT_EQ(backend.run("add", {f}, {f}), TSR_UNIMPLEMENTED);
  EXPECT_EQ(backend.run("add", {f, f}, {f}, {1}), TSR_UNIMPLEMENTED);
  EXPECT_EQ(backend.run("add", {f, f}, {TestTensor(TSR_FLOAT32, {6}).sliced(0, 0, 2)}),
            TSR_UNIMPLEMENTED);
  EXPECT_NE(backend.message().find("add"), std::string::npos);
}

}  // namespace
}  // namespace tessera::cpu
