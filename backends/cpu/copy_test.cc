// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tessera/backends/cpu/test_node.h"

namespace tessera::cpu {
namespace {

TEST(CopyTest, CastsEveryPairOfDtypes) {
  TestBackend backend;
  for (uint32_t from = TSR_FLOAT32; from <= TSR_BOOL; ++from) {
    for (uint32_t to = TSR_FLOAT32; to <= TSR_BOOL; ++to) {
      for (int64_t n : {1, 15, 16, 40, 1500}) {
        const TestTensor x = TestTensor::random(from, {n}, 3);
        TestTensor y(to, {n}), expected(to, {n});
        for (int64_t i = 0; i < n; ++i) {
          const double v = x.at(i);
          expected.set(i, to == TSR_BOOL ? v != 0 : is_floating(to) ? v : std::trunc(v));
        }
        ASSERT_EQ(backend.run("copy", {x}, {y}), TSR_OK);
        ASSERT_EQ(y.bytes(), expected.bytes()) << dtype_name(from) << " to " << dtype_name(to);
      }
    }
  }
}

TEST(CopyTest, TakesAnyStridesOnBothSides) {
  TestBackend backend;
  for (uint32_t to : {TSR_FLOAT32, TSR_INT64, TSR_UINT8}) {
    for (const Shape& shape :
         {Shape{}, Shape{70}, Shape{45, 70}, Shape{3, 45, 37}, Shape{2, 3, 4, 5}, Shape{4, 0, 3}}) {
      const size_t rank = shape.size();
      Shape doubled = shape;
      for (int64_t& extent : doubled) extent = 2 * extent + 1;
      for (size_t i = 0; i <= rank; ++i) {
        for (size_t j = i + 1; j <= rank; ++j) {
          TestTensor x = TestTensor::random(TSR_FLOAT32, shape, 1);
          TestTensor y(to, doubled);
          for (size_t k = 0; k < rank; ++k) y = y.sliced(k, 1, 2);
          for (TestTensor target : {y, TestTensor(to, shape)}) {
            TestTensor source = x;
            if (j < rank) {
              // The same element order seen through other strides.
              Shape swapped = shape;
              std::swap(swapped[i], swapped[j]);
              source = TestTensor::random(TSR_FLOAT32, swapped, 2).transposed(i, j);
            }
            ASSERT_EQ(backend.run("copy", {source}, {target}), TSR_OK);
            for (int64_t p = 0; p < source.count(); ++p) {
              ASSERT_EQ(target.at(p), to == TSR_FLOAT32 ? source.at(p) : std::trunc(source.at(p)));
            }
          }
        }
      }
    }
  }
}

TEST(CopyTest, FillsFromOneElement) {
  TestBackend backend(2);
  for (int64_t n : {1, 1000, 500000}) {
    TestTensor y(TSR_FLOAT16, {n});
    const TestTensor one = TestTensor::of<int32_t>({}, {3});
    ASSERT_EQ(backend.run("copy", {one.expanded({n})}, {y}), TSR_OK);
    for (int64_t i = 0; i < n; ++i) ASSERT_EQ(y.at(i), 3);
  }
}

TEST(CopyTest, LeavesTheGapsOfAStridedTargetAlone) {
  TestBackend backend;
  const TestTensor x = TestTensor::random(TSR_FLOAT32, {10}, 1);
  TestTensor y(TSR_FLOAT32, {20});
  const TestTensor before = TestTensor::of<float>({20}, std::vector<float>(20, 5.0f));
  ASSERT_EQ(backend.run("copy", {before}, {y}), TSR_OK);
  ASSERT_EQ(backend.run("copy", {x}, {y.sliced(0, 0, 2)}), TSR_OK);
  for (int64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(y.at(2 * i), x.at(i));
    EXPECT_EQ(y.at(2 * i + 1), 5);
  }
}

TEST(CopyTest, RoundsOnceToNearestEven) {
  TestBackend backend;
  const double inf = std::numeric_limits<double>::infinity();
  struct Case {
    double value, half, bfloat;
  };
  const Case cases[] = {
      {1 + 0x1p-11, 1, 1},                      // tie to even in float16
      {1 + 0x1p-11 + 0x1p-30, 1 + 0x1p-10, 1},  // lost if rounded to float32 first
      {1 + 3 * 0x1p-11, 1 + 0x1p-9, 1},
      {1 + 0x1p-8, 1 + 0x1p-8, 1},  // tie in bfloat16
      {1 + 3 * 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-6},
      {65519.9, 65504, 65536},
      {65520, inf, 65536},
      {0x1p-25, 0, 0x1p-25},
      {0x1.8p-25, 0x1p-24, 0x1.8p-25},
      {1e300, inf, inf},
      {-0.0, -0.0, -0.0},
  };
  for (const Case& c : cases) {
    const TestTensor x = TestTensor::of<double>({}, {c.value});
    TestTensor half(TSR_FLOAT16, {}), bfloat(TSR_BFLOAT16, {});
    ASSERT_EQ(backend.run("copy", {x}, {half}), TSR_OK);
    ASSERT_EQ(backend.run("copy", {x}, {bfloat}), TSR_OK);
    EXPECT_EQ(half.at(0), c.half) << c.value;
    EXPECT_EQ(bfloat.at(0), c.bfloat) << c.value;
  }
  // The vector kernel rounds as the scalar one, for every bit pattern of interest.
  std::vector<float> values;
  for (uint32_t bits = 0; bits < 0xFFFF0000u - 40503; bits += 40503) {
    values.push_back(__builtin_bit_cast(float, bits));
  }
  const int64_t n = static_cast<int64_t>(values.size());
  const TestTensor x = TestTensor::of<float>({n}, values);
  for (uint32_t dtype : {TSR_FLOAT16, TSR_BFLOAT16}) {
    TestTensor y(dtype, {n}), back(TSR_FLOAT32, {n});
    ASSERT_EQ(backend.run("copy", {x}, {y}), TSR_OK);
    ASSERT_EQ(backend.run("copy", {y}, {back}), TSR_OK);
    for (int64_t i = 0; i < n; ++i) {
      const double expected = dtype == TSR_FLOAT16 ? half_to_float(double_to_half(values[i]))
                                                   : bfloat_to_float(double_to_bfloat(values[i]));
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(y.at(i)));
      } else {
        ASSERT_EQ(y.at(i), expected) << values[i];
        ASSERT_EQ(back.at(i), expected);
      }
    }
  }
}

TEST(CopyTest, IsTheSameForAnyNumberOfThreads) {
  TestBackend one(1), three(3);
  const TestTensor x = TestTensor::random(TSR_FLOAT32, {700, 1000}, 1).transposed(0, 1);
  TestTensor a(TSR_FLOAT16, {1000, 700}), b(TSR_FLOAT16, {1000, 700});
  ASSERT_EQ(one.run("copy", {x}, {a}), TSR_OK);
  ASSERT_EQ(three.run("copy", {x}, {b}), TSR_OK);
  EXPECT_EQ(a.bytes(), b.bytes());
}

}  // namespace
}  // namespace tessera::cpu
