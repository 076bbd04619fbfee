// SPDX-License-Identifier: Apache-2.0
//
// Matrix products, convolutions, pooling, losses and optimizers against the reference.
#include <array>
#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tessera/backends/cpu/against_reference.h"

namespace tessera::cpu {
namespace {

constexpr uint32_t kFloats[] = {TSR_FLOAT32, TSR_FLOAT64, TSR_FLOAT16, TSR_BFLOAT16};

TestTensor random(uint32_t dtype, const Shape& shape, uint32_t seed) {
  return TestTensor::random(dtype, shape, seed);
}

TEST(MatmulTest, MatchesTheReferenceAtSizesAroundEveryTile) {
  AgainstReference against;
  uint32_t seed = 1;
  for (int64_t m : {1, 2, 3, 5, 8, 17, 33}) {
    for (int64_t n : {1, 4, 15, 16, 49, 100}) {
      for (int64_t k : {0, 1, 3, 16, 37, 300}) {
        const TestTensor a = random(TSR_FLOAT32, {m, k}, ++seed);
        const TestTensor at = random(TSR_FLOAT32, {k, m}, ++seed).transposed(0, 1);
        const TestTensor b = random(TSR_FLOAT32, {k, n}, ++seed);
        const TestTensor bt = random(TSR_FLOAT32, {n, k}, ++seed).transposed(0, 1);
        for (const TestTensor& x : {a, at}) {
          for (const TestTensor& y : {b, bt}) {
            against.check({"matmul", {x, y}, {{TSR_FLOAT32, {m, n}}}}, 5e-6);
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

TEST(MatmulTest, MatchesTheReferenceAboveTheBlockSizes) {
  AgainstReference against;
  const TestTensor a = random(TSR_FLOAT32, {70, 600}, 1);
  const TestTensor bt = random(TSR_FLOAT32, {500, 600}, 2).transposed(0, 1);
  against.check({"matmul", {a, bt}, {{TSR_FLOAT32, {70, 500}}}}, 3e-6);
  const TestTensor tall = random(TSR_FLOAT32, {300, 400}, 3);
  const TestTensor narrow = random(TSR_FLOAT32, {400, 30}, 4);
  against.check({"matmul", {tall, narrow}, {{TSR_FLOAT32, {300, 30}}}}, 3e-6);
  // Enough work for threads to divide the rows.
  const TestTensor long_one = random(TSR_FLOAT32, {4001, 60}, 6);
  against.check(
      {"matmul", {long_one, random(TSR_FLOAT32, {60, 31}, 7)}, {{TSR_FLOAT32, {4001, 31}}}}, 3e-6);
  const TestTensor gaps = random(TSR_FLOAT32, {400, 61}, 5).sliced(1, 0, 2);
  against.check({"matmul", {tall, gaps}, {{TSR_FLOAT32, {300, 31}}}}, 3e-6);
}

TEST(MatmulTest, TakesEveryDtypeAndBatch) {
  AgainstReference against;
  for (uint32_t dtype :
       {TSR_FLOAT32, TSR_FLOAT64, TSR_FLOAT16, TSR_BFLOAT16, TSR_INT32, TSR_INT64, TSR_UINT8}) {
    const Shape y = {2, 3, 5, 7};
    const TestTensor a = random(dtype, {2, 3, 5, 11}, 1);
    const TestTensor b = random(dtype, {2, 3, 11, 7}, 2);
    against.check({"matmul", {a, b}, {{dtype, y}}});
    against.check({"matmul", {a, random(dtype, {11, 7}, 3).expanded({2, 3, 11, 7})}, {{dtype, y}}});
    against.check(
        {"matmul", {random(dtype, {3, 5, 11}, 4).expanded({2, 3, 5, 11}), b}, {{dtype, y}}});
    against.check({"matmul",
                   {random(dtype, {3, 2, 5, 11}, 5).transposed(0, 1),
                    random(dtype, {2, 3, 7, 11}, 6).transposed(2, 3)},
                   {{dtype, y}}});
    against.check({"matmul",
                   {TestTensor(dtype, {0, 5, 3}), TestTensor(dtype, {0, 3, 2})},
                   {{dtype, {0, 5, 2}}}});
    against.check({"matmul",
                   {TestTensor(dtype, {2, 5, 0}), TestTensor(dtype, {2, 0, 2})},
                   {{dtype, {2, 5, 2}}}});
  }
  const TestTensor a = random(TSR_FLOAT32, {20, 64, 65}, 7);
  const TestTensor b = random(TSR_FLOAT32, {20, 65, 66}, 8);
  against.check({"matmul", {a, b}, {{TSR_FLOAT32, {20, 64, 66}}}}, 2e-6);
}

TEST(LinearTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kFloats) {
    for (const Shape& x : {Shape{9}, Shape{1, 9}, Shape{64, 9}, Shape{3, 5, 300}, Shape{0, 9}}) {
      for (int64_t n : {1, 10, 16, 70}) {
        const int64_t k = x.back();
        Shape y = x;
        y.back() = n;
        const TestTensor w = random(dtype, {n, k}, 2);
        against.check({"linear", {random(dtype, x, 1), w}, {{dtype, y}}}, 2e-6);
        against.check({"linear", {random(dtype, x, 1), w, random(dtype, {n}, 3)}, {{dtype, y}}},
                      2e-6);
        const TestTensor wt = random(dtype, {k, n}, 4).transposed(0, 1);
        against.check({"linear",
                       {random(dtype, x, 1), wt, random(dtype, {1}, 3).expanded({n})},
                       {{dtype, y}}},
                      2e-6);
        if (HasFatalFailure()) return;
      }
    }
    against.check({"linear",
                   {random(dtype, {6, 4, 5}, 1).transposed(0, 1), random(dtype, {3, 5}, 2)},
                   {{dtype, {4, 6, 3}}}});
  }
}

TEST(MatmulTest, LinearWithAnyFewFeatures) {
  // Dot products along k, in blocks of columns whose width depends on their number.
  AgainstReference against;
  for (int64_t n = 1; n <= 17; ++n) {
    const TestTensor x = random(TSR_FLOAT32, {9, 67}, 1), w = random(TSR_FLOAT32, {n, 67}, 2);
    const TestTensor b = random(TSR_FLOAT32, {n}, 3);
    against.check({"linear", {x, w, b}, {{TSR_FLOAT32, {9, n}}}}, 2e-6);
    if (HasFatalFailure()) return;
  }
}

struct ConvCase {
  int64_t n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups;
};

TEST(ConvTest, MatchesTheReference) {
  AgainstReference against;
  std::vector<ConvCase> cases = {
      {2, 1, 28, 28, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {3, 16, 14, 14, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1},
      {1, 3, 9, 40, 13, 5, 2, 1, 1, 2, 0, 1, 1, 1},  {2, 4, 7, 5, 6, 3, 3, 2, 1, 1, 2, 1, 2, 2},
      {1, 6, 8, 8, 6, 3, 3, 1, 1, 1, 1, 1, 1, 6},    {2, 5, 6, 7, 9, 1, 1, 1, 1, 0, 0, 1, 1, 1},
      {2, 5, 6, 7, 9, 1, 1, 2, 2, 0, 0, 1, 1, 1},    {1, 2, 5, 5, 3, 3, 3, 1, 1, 4, 3, 1, 1, 1},
      {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1},    {2, 3, 70, 66, 5, 3, 3, 1, 1, 0, 0, 1, 1, 1},
      {9, 3, 20, 20, 10, 4, 4, 2, 3, 1, 2, 1, 1, 1}, {1, 4, 11, 11, 8, 11, 11, 1, 1, 5, 5, 1, 1, 1},
  };
  std::mt19937 generator(5);
  const auto draw = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(generator() % (high - low + 1));
  };
  while (cases.size() < 60) {
    ConvCase c;
    c.groups = draw(0, 3) == 0 ? draw(2, 3) : 1;
    c.n = draw(1, 5);
    c.c = c.groups * draw(1, 4);
    c.o = c.groups * draw(1, 7);
    c.h = draw(1, 19);
    c.w = draw(1, 19);
    c.kh = draw(1, 4);
    c.kw = draw(1, 4);
    const bool plain = draw(0, 1) == 0;
    c.sh = plain ? 1 : draw(1, 3);
    c.sw = plain ? 1 : draw(1, 3);
    c.dh = plain ? 1 : draw(1, 2);
    c.dw = plain ? 1 : draw(1, 2);
    c.ph = draw(0, 3);
    c.pw = draw(0, 3);
    if (c.h + 2 * c.ph >= c.dh * (c.kh - 1) + 1 && c.w + 2 * c.pw >= c.dw * (c.kw - 1) + 1) {
      cases.push_back(c);
    }
  }
  for (const ConvCase& c : cases) {
    const int64_t oh = (c.h + 2 * c.ph - c.dh * (c.kh - 1) - 1) / c.sh + 1;
    const int64_t ow = (c.w + 2 * c.pw - c.dw * (c.kw - 1) - 1) / c.sw + 1;
    const Shape xs = {c.n, c.c, c.h, c.w}, ws = {c.o, c.c / c.groups, c.kh, c.kw};
    const Shape ys = {c.n, c.o, oh, ow};
    const std::vector<int64_t> ints = {c.sh, c.sw, c.ph, c.pw, c.dh, c.dw, c.groups};
    std::vector<int64_t> input_ints = ints, weight_ints = ints;
    input_ints.insert(input_ints.end(), {c.h, c.w});
    weight_ints.insert(weight_ints.end(), {c.kh, c.kw});
    for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64, TSR_BFLOAT16}) {
      const TestTensor x = random(dtype, xs, 1), w = random(dtype, ws, 2);
      const TestTensor b = random(dtype, {c.o}, 3), g = random(dtype, ys, 4);
      against.check({"conv2d", {x, w}, {{dtype, ys}}, ints}, 5e-6);
      against.check({"conv2d", {x, w, b}, {{dtype, ys}}, ints}, 5e-6);
      against.check({"conv2d_backward_input", {g, w}, {{dtype, xs}}, input_ints}, 5e-6);
      against.check({"conv2d_backward_weight", {g, x}, {{dtype, ws}}, weight_ints}, 5e-6);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(ConvTest, TakesViewsAndNothing) {
  AgainstReference against;
  const std::vector<int64_t> ints = {1, 1, 1, 1, 1, 1, 1};
  const TestTensor x = random(TSR_FLOAT32, {2, 9, 7, 3}, 1).transposed(1, 3);  // channels last
  const TestTensor w = random(TSR_FLOAT32, {3, 3, 3, 4}, 2).transposed(0, 3);
  against.check({"conv2d",
                 {x, w, random(TSR_FLOAT32, {1}, 3).expanded({4})},
                 {{TSR_FLOAT32, {2, 4, 7, 9}}},
                 ints},
                5e-6);
  const TestTensor none(TSR_FLOAT32, {0, 3, 7, 9}), no_g(TSR_FLOAT32, {0, 4, 7, 9});
  against.check({"conv2d", {none, w}, {{TSR_FLOAT32, {0, 4, 7, 9}}}, ints});
  against.check({"conv2d_backward_weight",
                 {no_g, none},
                 {{TSR_FLOAT32, {4, 3, 3, 3}}},
                 {1, 1, 1, 1, 1, 1, 1, 3, 3}});
}

// Channels that fill vectors of every width, or nearly; rows longer and shorter than a chain of
// sums.
TEST(ConvTest, WeightGradientOfManyChannels) {
  AgainstReference against;
  struct Case {
    int64_t n, c, o, h, w, k, pad;
  };
  const Case cases[] = {{3, 16, 9, 7, 5, 3, 1},   {2, 32, 15, 14, 14, 3, 1},
                        {1, 15, 8, 4, 300, 3, 0}, {2, 13, 3, 6, 6, 5, 2},
                        {2, 8, 5, 9, 4, 2, 3},    {40, 16, 8, 14, 14, 3, 1}};
  for (const Case& c : cases) {
    const int64_t oh = c.h + 2 * c.pad - c.k + 1, ow = c.w + 2 * c.pad - c.k + 1;
    const TestTensor g = random(TSR_FLOAT32, {c.n, c.o, oh, ow}, 1);
    const TestTensor x = random(TSR_FLOAT32, {c.n, c.c, c.h, c.w}, 2);
    against.check({"conv2d_backward_weight",
                   {g, x},
                   {{TSR_FLOAT32, {c.o, c.c, c.k, c.k}}},
                   {1, 1, c.pad, c.pad, 1, 1, 1, c.k, c.k}},
                  5e-6);
    if (HasFatalFailure()) return;
  }
}

// The fused op has the bits of its parts, nan and ties among them.
TEST(ConvTest, ReluAndPoolingInOnePassHaveTheBitsOfThree) {
  AgainstReference against;
  TestBackend backend(2);
  for (const auto& [h, w, o] :
       {std::array<int64_t, 3>{28, 28, 16}, {14, 14, 19}, {7, 71, 5}, {8, 6, 4}, {2, 3, 1}}) {
    TestTensor x = random(TSR_FLOAT32, {3, 2, h, w}, 1);
    for (int64_t i = 0; i < x.count(); ++i) x.set(i, std::round(x.at(i)));  // ties
    // Which makes nan of every second element of windows, and of later ones than the first.
    x.set(2, std::numeric_limits<double>::quiet_NaN());
    x.set(2 * w + 5, std::numeric_limits<double>::quiet_NaN());
    x.set(h * w + 2, std::numeric_limits<double>::infinity());
    TestTensor weight = random(TSR_FLOAT32, {o, 2, 3, 3}, 2);
    for (int64_t i = 0; i < weight.count(); ++i) weight.set(i, std::round(weight.at(i)));
    TestTensor b = random(TSR_FLOAT32, {o}, 3);
    b.set(0, 0);  // whose maxima are 0 here and there
    const std::vector<int64_t> conv = {1, 1, 1, 1, 1, 1, 1}, pool = {2, 2, 2, 2, 0, 0, 1, 1, 0};
    std::vector<int64_t> both = conv;
    both.insert(both.end(), pool.begin(), pool.end());
    const Shape zs = {3, o, h, w}, ys = {3, o, h / 2, w / 2};
    against.check(
        {"conv2d_relu_max_pool2d", {x, weight, b}, {{TSR_FLOAT32, ys}, {TSR_UINT8, ys}}, both},
        5e-6);
    if (HasFatalFailure()) return;
    const TestTensor y(TSR_FLOAT32, ys), place(TSR_UINT8, ys), z(TSR_FLOAT32, zs),
        a(TSR_FLOAT32, zs), expected(TSR_FLOAT32, ys);
    ASSERT_EQ(backend.run("conv2d_relu_max_pool2d", {x, weight, b}, {y, place}, both, {}), TSR_OK);
    ASSERT_EQ(backend.run("conv2d", {x, weight, b}, {z}, conv, {}), TSR_OK);
    ASSERT_EQ(backend.run("relu", {z}, {a}, {}, {}), TSR_OK);
    ASSERT_EQ(backend.run("max_pool2d", {a}, {expected}, pool, {}), TSR_OK);
    ASSERT_EQ(y.bytes(), expected.bytes());
    // And backwards.
    const TestTensor g = random(TSR_FLOAT32, ys, 4);
    const TestTensor gz(TSR_FLOAT32, zs), ga(TSR_FLOAT32, zs), gz_expected(TSR_FLOAT32, zs);
    std::vector<int64_t> unpool = pool;
    unpool.insert(unpool.end(), {h, w});
    ASSERT_EQ(backend.run("relu_max_pool2d_backward", {g, place}, {gz}, unpool, {}), TSR_OK);
    ASSERT_EQ(backend.run("max_pool2d_backward", {g, a}, {ga}, pool, {}), TSR_OK);
    ASSERT_EQ(backend.run("relu_backward", {ga, a}, {gz_expected}, {}, {}), TSR_OK);
    ASSERT_EQ(gz.bytes(), gz_expected.bytes());
    against.check({"relu_max_pool2d_backward", {g, place}, {{TSR_FLOAT32, zs}}, unpool}, 0);
    if (HasFatalFailure()) return;
  }
}

TEST(PoolTest, MatchesTheReference) {
  AgainstReference against;
  struct Case {
    int64_t h, w, kh, kw, sh, sw, ph, pw, dh, dw, oh, ow;
  };
  const Case cases[] = {
      {28, 28, 2, 2, 2, 2, 0, 0, 1, 1, 14, 14}, {14, 14, 2, 2, 2, 2, 0, 0, 1, 1, 7, 7},
      {9, 71, 2, 2, 2, 2, 0, 0, 1, 1, 4, 35},   {2, 64, 2, 2, 2, 2, 0, 0, 1, 1, 1, 32},
      {9, 11, 3, 3, 2, 2, 1, 1, 1, 1, 5, 6},    {9, 11, 3, 2, 1, 3, 1, 1, 2, 1, 7, 4},
      {7, 7, 2, 2, 2, 2, 0, 0, 1, 1, 4, 4},  // ceil_mode
      {5, 5, 3, 3, 1, 1, 0, 0, 1, 1, 3, 3},
  };
  for (const Case& c : cases) {
    for (uint32_t dtype : kFloats) {
      TestTensor x = random(dtype, {2, 3, c.h, c.w}, 1);
      const TestTensor g = random(dtype, {2, 3, c.oh, c.ow}, 2);
      if (dtype == TSR_FLOAT32) {  // ties and extremes
        for (int64_t i = 0; i < x.count(); i += 3) x.set(i, std::round(4 * x.at(i)));
        x.set(5, std::numeric_limits<double>::quiet_NaN());
        x.set(6, std::numeric_limits<double>::quiet_NaN());
        x.set(c.w + 1, -std::numeric_limits<double>::infinity());
        x.set(c.w * c.h + 3, std::numeric_limits<double>::infinity());
      }
      const std::vector<int64_t> ints = {c.kh, c.kw, c.sh, c.sw, c.ph, c.pw, c.dh, c.dw, 0};
      against.check({"max_pool2d", {x}, {{dtype, g.shape()}}, ints}, 0);
      against.check({"max_pool2d_backward", {g, x}, {{dtype, x.shape()}}, ints});
      if (c.dh == 1 && c.dw == 1) {
        const TestTensor y = random(dtype, {2, 3, c.h, c.w}, 3);
        for (int64_t include : {0, 1}) {
          for (int64_t divisor : {0, 5}) {
            against.check({"avg_pool2d",
                           {y},
                           {{dtype, g.shape()}},
                           {c.kh, c.kw, c.sh, c.sw, c.ph, c.pw, 0, include, divisor}});
          }
        }
      }
    }
  }
}

TEST(SoftmaxTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kFloats) {
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{10}, Shape{64, 10}, Shape{5, 33, 70},
                               Shape{300, 201}, Shape{0, 3}}) {
      for (int64_t dim = 0; dim < std::max<int64_t>(1, shape.size()); ++dim) {
        TestTensor x = random(dtype, shape, 1);
        for (int64_t i = 0; i < x.count(); i += 7) x.set(i, 40 * x.at(i));
        const TestTensor g = random(dtype, shape, 2);
        TestTensor y = random(dtype, shape, 3);
        for (const char* op : {"softmax", "log_softmax"}) {
          against.check({op, {x}, {{dtype, shape}}, {dim}}, 2e-6);
          against.check({std::string(op) + "_backward", {g, y}, {{dtype, shape}}, {dim}}, 1e-5);
        }
      }
    }
  }
}

TEST(LayerNormTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kFloats) {
    const uint32_t wide = dtype == TSR_FLOAT64 ? TSR_FLOAT64 : TSR_FLOAT32;
    for (int64_t n : {1, 3, 8, 16, 33, 64, 300}) {
      for (int64_t rows : {1, 37, n == 33 ? 2100 : 3}) {
        const TestTensor x = random(dtype, {rows, n}, 1), g = random(dtype, {rows, n}, 2);
        const TestTensor w = random(dtype, {n}, 3), b = random(dtype, {n}, 4);
        const TestTensor mean = random(wide, {rows}, 5), rstd = random(wide, {rows}, 6);
        const std::pair<uint32_t, Shape> y = {dtype, {rows, n}}, row = {dtype, {n}};
        const std::pair<uint32_t, Shape> statistic = {wide, {rows}};
        against.check({"layer_norm", {x, w, b}, {y, statistic, statistic}, {1, 1, 1}, {0.1}}, 1e-5);
        against.check({"rms_norm", {x, w}, {y, statistic}, {1, 1}, {0.1}}, 1e-5);
        against.check({"layer_norm_backward", {g, x, w, mean, rstd}, {y, row, row}, {1, 1, 1}},
                      2e-5);
        against.check({"rms_norm_backward", {g, x, rstd}, {y}, {1, 0, 0}}, 1e-5);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(BatchNormTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kFloats) {
    const uint32_t wide = dtype == TSR_FLOAT64 ? TSR_FLOAT64 : TSR_FLOAT32;
    for (const Shape& shape : {Shape{64, 1}, Shape{64, 133}, Shape{5, 3, 7}, Shape{3, 70, 5, 5},
                               Shape{2, 9, 31, 33}, Shape{900, 5, 1, 1}}) {
      const Shape c = {shape[1]};
      const TestTensor x = random(dtype, shape, 1), g = random(dtype, shape, 2);
      const TestTensor w = random(dtype, c, 3), b = random(dtype, c, 4);
      const TestTensor mean = random(wide, c, 5);
      const TestTensor var = random(wide, c, 6);  // eps makes it positive
      const std::pair<uint32_t, Shape> y = {dtype, shape};
      against.check({"batch_norm", {x, w, b}, {y, {wide, c}, {wide, c}}, {1, 1}, {0.1}}, 1e-5);
      against.check({"batch_norm", {x}, {y, {wide, c}, {wide, c}}, {0, 0}, {0.1}}, 1e-5);
      against.check(
          {"batch_norm_backward", {g, x, w, mean, var}, {y, {dtype, c}, {dtype, c}}, {1, 1}, {5}},
          2e-5);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(CrossEntropyTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kFloats) {
    for (const Shape& shape : {Shape{1, 1}, Shape{64, 10}, Shape{7, 301}, Shape{3000, 17}}) {
      TestTensor x = random(dtype, shape, 1);
      for (int64_t i = 0; i < x.count(); i += 5) x.set(i, 100 * x.at(i));
      TestTensor target(TSR_INT64, {shape[0]});
      for (int64_t i = 0; i < shape[0]; ++i) {
        target.set(i, static_cast<double>(i % 5 == 4 && i > 4 ? -100 : i * 7 % shape[1]));
      }
      const TestTensor lse = random(dtype, {shape[0]}, 2);
      TestTensor large(dtype, {shape[0]});
      for (int64_t i = 0; i < shape[0]; ++i) large.set(i, 100);
      const TestTensor g = random(dtype, {}, 3);
      for (int64_t reduction : {1, 2}) {
        if (reduction == 2 && dtype == TSR_FLOAT16 && shape[0] > 100) continue;  // overflows
        against.check(
            {"cross_entropy", {x, target}, {{dtype, {}}, {dtype, {shape[0]}}}, {reduction, -100}},
            2e-6);
        against.check(
            {"cross_entropy_backward", {g, x, target, large}, {{dtype, shape}}, {reduction, -100}},
            2e-6);
      }
    }
  }
  TestBackend backend;
  const TestTensor bad = TestTensor::of<int64_t>({3}, {0, 4, 1});
  EXPECT_EQ(backend.run("cross_entropy", {random(TSR_FLOAT32, {3, 4}, 1), bad},
                        {TestTensor(TSR_FLOAT32, {}), TestTensor(TSR_FLOAT32, {3})}, {1, -100}),
            TSR_OUT_OF_RANGE);
  EXPECT_NE(backend.message().find("target 4 "), std::string::npos) << backend.message();
}

TEST(BceTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kFloats) {
    for (const Shape& shape : {Shape{}, Shape{64, 1}, Shape{9001}}) {
      TestTensor x = random(dtype, shape, 1);
      for (int64_t i = 0; i < x.count(); i += 5) x.set(i, 100 * x.at(i));
      const TestTensor y = random(dtype, shape, 2), g = random(dtype, {}, 3);
      for (int64_t reduction : {1, 2}) {
        if (reduction == 2 && dtype == TSR_FLOAT16 && x.count() > 100) continue;  // overflows
        against.check({"bce_with_logits", {x, y}, {{dtype, {}}}, {reduction}}, 2e-6);
        against.check({"bce_with_logits_backward", {g, x, y}, {{dtype, shape}}, {reduction}}, 2e-6);
      }
    }
  }
}

TEST(OptimizerTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kFloats) {
    for (int variant = 0; variant < 16; ++variant) {
      const int64_t a = variant & 1, b = variant >> 1 & 1, c = variant >> 2 & 1,
                    d = variant >> 3 & 1;
      std::vector<TestTensor> p, g, m, v, x;
      std::vector<std::pair<uint32_t, Shape>> out;
      const std::vector<Shape> shapes = {{}, {3, 5}, {40000}};
      for (const Shape& shape : shapes) {
        p.push_back(random(dtype, shape, 1));
        g.push_back(random(dtype, shape, 2));
        m.push_back(random(dtype, shape, 3));
        v.push_back(random(dtype, shape, 4));
        x.push_back(random(dtype, shape, 5));
        for (TestTensor* t : {&v.back(), &x.back()}) {
          for (int64_t i = 0; i < t->count(); ++i) t->set(i, 0.1 + std::fabs(t->at(i)));
        }
      }
      const auto inputs = [&](std::initializer_list<const std::vector<TestTensor>*> roles) {
        std::vector<TestTensor> all;
        for (const auto* role : roles) all.insert(all.end(), role->begin(), role->end());
        return all;
      };
      const auto outputs = [&](int roles) {
        std::vector<std::pair<uint32_t, Shape>> all;
        for (int r = 0; r < roles; ++r) {
          for (const Shape& shape : shapes) all.push_back({dtype, shape});
        }
        return all;
      };
      against.check({"sgd_step",
                     a ? inputs({&p, &g, &m}) : inputs({&p, &g}),
                     outputs(a ? 2 : 1),
                     {3, a, b, c, d},
                     {0.1, 0.9, b ? 0.0 : 0.3, 0.01}},
                    2e-6);
      against.check({"adam_step",
                     a ? inputs({&p, &g, &m, &v, &x}) : inputs({&p, &g, &m, &v}),
                     outputs(a ? 4 : 3),
                     {3, a, b, c, 1 + 20 * d},
                     {0.01, 0.9, 0.999, 0.03, 0.02}},
                    3e-6);
      if (HasFatalFailure()) return;
    }
  }
}

// A mean that fades never reaches 0 by itself: the smallest subnormal numbers round to themselves,
// and computing with them is many times slower.
TEST(OptimizerTest, LetsNoSubnormalNumbersLive) {
  TestBackend backend(2);
  const TestTensor p = TestTensor::of<float>({3}, {1, 2, 3}),
                   g = TestTensor::of<float>({3}, {0, 0, 1});
  const TestTensor m = TestTensor::of<float>({3}, {1e-40f, 1.2e-38f, 1});
  const TestTensor v = TestTensor::of<float>({3}, {1, 1, 1});
  const TestTensor p2(TSR_FLOAT32, {3}), m2(TSR_FLOAT32, {3}), v2(TSR_FLOAT32, {3});
  ASSERT_EQ(backend.run("adam_step", {p, g, m, v}, {p2, m2, v2}, {1, 0, 0, 0, 1},
                        {1e-3, 0.9, 0.999, 1e-8, 0}),
            TSR_OK)
      << backend.message();
  EXPECT_EQ(m2.at(0), 0);
  EXPECT_EQ(m2.at(1), 0);
  EXPECT_NEAR(m2.at(2), 1, 1e-6);
  // Where that does not stay behind: this sum is subnormal.
  const TestTensor tiny = TestTensor::of<float>({1}, {1e-40f}), sum(TSR_FLOAT32, {1});
  ASSERT_EQ(backend.run("add", {tiny, tiny}, {sum}, {}, {}), TSR_OK);
  EXPECT_GT(sum.at(0), 0);
}

TEST(OptimizerTest, UpdatesInPlace) {
  TestBackend backend;
  const TestTensor start = random(TSR_FLOAT32, {1000}, 1), g = random(TSR_FLOAT32, {1000}, 2);
  const TestTensor p = random(TSR_FLOAT32, {1000}, 1), m = random(TSR_FLOAT32, {1000}, 3);
  const TestTensor q(TSR_FLOAT32, {1000}), n(TSR_FLOAT32, {1000});
  const std::vector<int64_t> ints = {1, 1, 0, 0, 0};
  const std::vector<double> doubles = {0.1, 0.9, 0, 0};
  ASSERT_EQ(backend.run("sgd_step", {start, g, m}, {q, n}, ints, doubles), TSR_OK);
  ASSERT_EQ(backend.run("sgd_step", {p, g, m}, {p, m}, ints, doubles), TSR_OK);
  EXPECT_EQ(p.bytes(), q.bytes());
  EXPECT_EQ(m.bytes(), n.bytes());
}

}  // namespace
}  // namespace tessera::cpu
