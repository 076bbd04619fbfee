// SPDX-License-Identifier: Apache-2.0
//
// The functions of math.glsl and math64.glsl as the device's driver compiles them, where they are
// easily spoilt: large arguments, whose reduction is 64-bit arithmetic, exact remainders, powers,
// what is neither finite nor zero. math_test.cc has the same text on the host, over all numbers.
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/math_checks.h"
#include "tessera/backends/vulkan/test_device.h"

namespace tessera::vulkan {
namespace {

template <class T>
class MathDeviceTest : public testing::Test {
 protected:
  static constexpr uint32_t kDtype = sizeof(T) == 4 ? TSR_FLOAT32 : TSR_FLOAT64;

  void SetUp() override {
    if (kDtype == TSR_FLOAT64 && !device_->gpu.physical().has_float64) {
      GTEST_SKIP() << "the device has no float64";
    }
  }

  std::vector<T> apply(const char* op, const std::vector<std::vector<T>>& x) {
    const int64_t shape[] = {static_cast<int64_t>(x[0].size())}, strides[] = {1};
    const uint64_t floats = x[0].size() * sizeof(T) / 4;
    std::vector<Buffer*> buffers;
    std::vector<TsrTensor> tensors;
    for (size_t k = 0; k <= x.size(); ++k) {
      std::vector<float> words(floats);
      if (k < x.size()) std::memcpy(words.data(), x[k].data(), floats * 4);
      buffers.push_back(device_.floats(floats));
      EXPECT_EQ(device_.write(buffers[k], words).status, TSR_OK);
      tensors.push_back(
          {sizeof(TsrTensor), buffers[k]->data, buffers[k], 0, shape, strides, 1, kDtype});
    }
    const TsrTensor* const inputs[] = {&tensors[0], &tensors[1]};
    const TsrTensor* const outputs[] = {&tensors.back()};
    const TsrNode node = {
        sizeof(TsrNode), op, 1, inputs, outputs, static_cast<uint32_t>(x.size()), 1};
    EXPECT_EQ(device_.launch(node).status, TSR_OK) << op;
    std::vector<float> words(floats);
    const Outcome outcome = device_.read(buffers.back(), &words);
    EXPECT_EQ(outcome.status, TSR_OK) << outcome.text;
    for (Buffer* buffer : buffers) device_->allocator.free(buffer);
    std::vector<T> y(x[0].size());
    std::memcpy(y.data(), words.data(), floats * 4);
    return y;
  }

  // A driver may flush denormals, its division and square root may be 2.5 units off.
  static double error(T got, Exact want) {
    constexpr T kNormal = std::numeric_limits<T>::min();
    if (std::fabs(want) < kNormal && std::fabs(got) <= kNormal) return 0;
    return ulps(got, want);
  }

  // Finite numbers of all sizes and both signs, and the edges that are not denormal.
  static std::vector<T> numbers(int count) {
    std::vector<T> x;
    for (T edge : edges<T>()) {
      if (std::fpclassify(edge) != FP_SUBNORMAL) x.insert(x.end(), {edge, -edge});
    }
    std::mt19937_64 random(8);
    while (x.size() < static_cast<size_t>(count)) {
      const T v = std::bit_cast<T>(static_cast<BitsOf<T>>(random()));
      if (std::isnormal(v)) x.push_back(v);
      x.push_back(static_cast<T>(std::ldexp(static_cast<double>(random() >> 11), -45) - 128));
    }
    return x;
  }

  TestDevice device_;
};

using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(MathDeviceTest, Types);

TYPED_TEST(MathDeviceTest, FunctionsOfOneNumber) {
  struct Function {
    const char* op;
    Exact (*exact)(Exact);
    double bound;
  };
#define TESSERA_FUNCTION(name, bound)                           \
  Function {                                                    \
#name, [](Exact x) -> Exact { return std::name(x); }, bound \
  }
  const std::vector<TypeParam> x = TestFixture::numbers(20000);
  for (const Function& f :
       {TESSERA_FUNCTION(exp, 3),   TESSERA_FUNCTION(exp2, 3), TESSERA_FUNCTION(expm1, 6),
        TESSERA_FUNCTION(log, 3),   TESSERA_FUNCTION(log2, 3), TESSERA_FUNCTION(log10, 3),
        TESSERA_FUNCTION(log1p, 5), TESSERA_FUNCTION(sqrt, 1), TESSERA_FUNCTION(sin, 5),
        TESSERA_FUNCTION(cos, 5),   TESSERA_FUNCTION(tan, 8),  TESSERA_FUNCTION(asin, 6),
        TESSERA_FUNCTION(acos, 6),  TESSERA_FUNCTION(atan, 6), TESSERA_FUNCTION(sinh, 4),
        TESSERA_FUNCTION(cosh, 4),  TESSERA_FUNCTION(tanh, 7), TESSERA_FUNCTION(erf, 4),
        TESSERA_FUNCTION(floor, 0), TESSERA_FUNCTION(ceil, 0), TESSERA_FUNCTION(trunc, 0)}) {
    const std::vector<TypeParam> y = this->apply(f.op, {x});
    Worst<TypeParam> worst;
    for (size_t i = 0; i < x.size(); ++i)
      worst.see(this->error(y[i], f.exact(Exact(x[i]))), x[i], y[i]);
    EXPECT_LE(worst.error, f.bound)
        << f.op << " at " << worst.x << " is " << worst.y << ", should be "
        << static_cast<double>(f.exact(Exact(worst.x)));
  }
#undef TESSERA_FUNCTION
}

TYPED_TEST(MathDeviceTest, FunctionsOfTwoNumbers) {
  struct Function {
    const char* op;
    Exact (*exact)(Exact, Exact);
    double bound;
  };
  std::vector<TypeParam> a, b;
  for (const auto& [x, y] : pairs<TypeParam>()) {
    if (std::fpclassify(x) == FP_SUBNORMAL || std::fpclassify(y) == FP_SUBNORMAL) continue;
    if (a.size() >= 40000) break;
    a.push_back(x);
    b.push_back(y);
  }
  for (const Function& f :
       {Function{"pow", [](Exact x, Exact y) -> Exact { return std::pow(x, y); }, 25},
        Function{"atan2", [](Exact x, Exact y) -> Exact { return std::atan2(x, y); }, 6},
        Function{"fmod", [](Exact x, Exact y) -> Exact { return std::fmod(x, y); }, 0},
        Function{"div", [](Exact x, Exact y) -> Exact { return x / y; }, 0.51}}) {
    const std::vector<TypeParam> y = this->apply(f.op, {a, b});
    double worst = 0;
    size_t at = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      const Exact want = f.exact(Exact(a[i]), Exact(b[i]));
      // The correction of a quotient wants some bits below the operands and the result.
      const Exact least = std::min(std::fabs(Exact(a[i])), std::fabs(want));
      if (f.bound == 0.51 && least < std::sqrt(std::numeric_limits<TypeParam>::min())) continue;
      const double e = this->error(y[i], want);
      if (e > worst) worst = e, at = i;
    }
    EXPECT_LE(worst, f.bound) << f.op << " at " << a[at] << ", " << b[at] << " is " << y[at]
                              << ", should be "
                              << static_cast<double>(f.exact(Exact(a[at]), Exact(b[at])));
  }
}

}  // namespace
}  // namespace tessera::vulkan
