// SPDX-License-Identifier: Apache-2.0
//
// Kernels in plain C++ against the reference, over dtypes, layouts and sizes that cross the
// borders of chunks and threads.
#include <limits>

#include "gtest/gtest.h"
#include "tessera/backends/cpu/against_reference.h"

namespace tessera::cpu {
namespace {

constexpr uint32_t kNumbers[] = {TSR_FLOAT32, TSR_FLOAT64, TSR_FLOAT16, TSR_BFLOAT16,
                                 TSR_INT32,   TSR_INT64,   TSR_UINT8};

// Tensors of one shape in several layouts.
std::vector<TestTensor> layouts(uint32_t dtype, const Shape& shape, uint32_t seed) {
  std::vector<TestTensor> all = {TestTensor::random(dtype, shape, seed)};
  if (shape.size() >= 2) {
    Shape swapped = shape;
    std::swap(swapped.front(), swapped.back());
    all.push_back(TestTensor::random(dtype, swapped, seed + 1).transposed(0, shape.size() - 1));
  }
  if (!shape.empty()) {
    Shape wide = shape;
    wide.back() = 2 * wide.back() + 1;
    all.push_back(TestTensor::random(dtype, wide, seed + 2).sliced(shape.size() - 1, 1, 2));
    Shape narrow = shape;
    narrow[0] = 1;
    all.push_back(TestTensor::random(dtype, narrow, seed + 3).expanded(shape));
  }
  return all;
}

Shape without(Shape shape, const std::vector<int64_t>& dims, bool keep) {
  for (size_t i = dims.size(); i-- > 0;) {
    if (keep) {
      shape[dims[i]] = 1;
    } else {
      shape.erase(shape.begin() + dims[i]);
    }
  }
  return shape;
}

TEST(ReduceTest, MatchesTheReference) {
  AgainstReference against;
  for (const char* op : {"sum", "prod", "amax", "amin"}) {
    for (uint32_t dtype : kNumbers) {
      for (const Shape& shape : {Shape{5, 7, 3}, Shape{67, 2, 33}, Shape{1, 130}}) {
        for (const TestTensor& x : layouts(dtype, shape, 1)) {
          const int64_t rank = static_cast<int64_t>(shape.size());
          for (int64_t mask = 1; mask < (1 << rank); ++mask) {
            std::vector<int64_t> dims;
            for (int64_t k = 0; k < rank; ++k) {
              if ((mask >> k & 1) != 0) dims.push_back(k);
            }
            const bool keep = mask % 2 == 0;
            std::vector<int64_t> ints = {keep};
            ints.insert(ints.end(), dims.begin(), dims.end());
            against.check({op, {x}, {{dtype, without(shape, dims, keep)}}, ints}, 2e-6);
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

TEST(ReduceTest, SumsLongRowsAndColumns) {
  AgainstReference against;
  const TestTensor x = TestTensor::random(TSR_FLOAT32, {300007}, 1);
  // Terms of either sign: what counts is the size of the partial sums, some 300, not of the result.
  against.check({"sum", {x}, {{TSR_FLOAT32, {}}}, {0, 0}}, 3e-5);
  const TestTensor y = TestTensor::random(TSR_FLOAT32, {20011, 13}, 2);
  against.check({"sum", {y}, {{TSR_FLOAT32, {13}}}, {0, 0}}, 1e-6);
  against.check({"amax", {y}, {{TSR_FLOAT32, {20011}}}, {0, 1}}, 0);
  const TestTensor z = TestTensor::random(TSR_FLOAT32, {40, 17, 1100}, 3);
  against.check({"sum", {z}, {{TSR_FLOAT32, {17}}}, {0, 0, 2}}, 1e-6);
  against.check({"sum", {z}, {{TSR_FLOAT32, {40, 1100}}}, {0, 1}}, 1e-6);
}

TEST(ReduceTest, PropagatesNanAndReducesNothingToTheNeutralElement) {
  AgainstReference against;
  TestTensor x = TestTensor::random(TSR_FLOAT32, {9, 200}, 1);
  x.set(3 * 200 + 77, std::numeric_limits<double>::quiet_NaN());
  x.set(5 * 200 + 1, -std::numeric_limits<double>::infinity());
  for (const char* op : {"amax", "amin", "sum"}) {
    against.check({op, {x}, {{TSR_FLOAT32, {9}}}, {0, 1}}, 2e-6);
    against.check({op, {x}, {{TSR_FLOAT32, {200}}}, {0, 0}}, 2e-6);
  }
  // Of few factors: of many small ones, some order of multiplying gives 0, and 0 times infinity
  // nan.
  against.check({"prod", {x}, {{TSR_FLOAT32, {200}}}, {0, 0}}, 2e-6);
  for (uint32_t dtype : kNumbers) {
    for (const char* op : {"sum", "prod"}) {
      against.check({op, {TestTensor(dtype, {3, 0})}, {{dtype, {3}}}, {0, 1}});
      against.check({op, {TestTensor(dtype, {0, 3})}, {{dtype, {0}}}, {0, 1}});
    }
  }
  for (const char* op : {"any", "all"}) {
    against.check({op, {TestTensor(TSR_BOOL, {3, 0})}, {{TSR_BOOL, {3}}}, {0, 1}});
    against.check({op, {TestTensor::random(TSR_BOOL, {3, 2}, 1)}, {{TSR_BOOL, {3, 1}}}, {1, 1}});
    against.check({op, {TestTensor::random(TSR_BOOL, {3, 2}, 1)}, {{TSR_BOOL, {2}}}, {0, 0}});
  }
}

TEST(ArgExtremeTest, FindsTheFirst) {
  AgainstReference against;
  for (const char* op : {"argmax", "argmin"}) {
    for (uint32_t dtype : kNumbers) {
      for (TestTensor x : layouts(dtype, {6, 9, 70}, 1)) {
        if (dtype == TSR_FLOAT32) {
          x.set(100, std::numeric_limits<double>::quiet_NaN());
          x.set(140, std::numeric_limits<double>::quiet_NaN());
        }
        against.check({op, {x}, {{TSR_INT64, {9, 70}}}, {0, 0}});
        against.check({op, {x}, {{TSR_INT64, {6, 70}}}, {0, 1}});
        against.check({op, {x}, {{TSR_INT64, {6, 9, 1}}}, {1, 2}});
      }
    }
  }
}

TEST(ScanTest, MatchesTheReference) {
  AgainstReference against;
  for (const char* op : {"cumsum", "cumprod"}) {
    for (uint32_t dtype : kNumbers) {
      for (const TestTensor& x : layouts(dtype, {4, 31, 70}, 1)) {
        for (int64_t dim : {0, 1, 2}) against.check({op, {x}, {{dtype, {4, 31, 70}}}, {dim}});
      }
      against.check({op, {TestTensor(dtype, {2, 0})}, {{dtype, {2, 0}}}, {1}});
    }
  }
}

TEST(SortTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64, TSR_FLOAT16, TSR_BFLOAT16, TSR_INT32, TSR_INT64,
                         TSR_UINT8, TSR_BOOL}) {
    for (TestTensor x : layouts(dtype, {5, 41, 7}, 1)) {
      if (dtype == TSR_FLOAT32) {
        x.set(50, std::numeric_limits<double>::quiet_NaN());
        x.set(57, std::numeric_limits<double>::quiet_NaN());
        x.set(64, std::numeric_limits<double>::infinity());
      }
      for (int64_t descending : {0, 1}) {
        for (int64_t dim : {0, 1, 2}) {
          against.check(
              {"sort", {x}, {{dtype, x.shape()}, {TSR_INT64, x.shape()}}, {dim, descending}});
        }
        against.check(
            {"topk", {x}, {{dtype, {5, 3, 7}}, {TSR_INT64, {5, 3, 7}}}, {3, 1, descending, 1}});
        against.check(
            {"topk", {x}, {{dtype, {5, 30, 7}}, {TSR_INT64, {5, 30, 7}}}, {30, 1, descending, 1}});
      }
    }
  }
}

TestTensor indices(const Shape& shape, int64_t size, uint32_t seed) {
  TestTensor t(TSR_INT64, shape);
  std::mt19937 generator(seed);
  for (int64_t i = 0; i < t.count(); ++i) t.set(i, static_cast<double>(generator() % size));
  return t;
}

TEST(GatherTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kNumbers) {
    for (const TestTensor& x : layouts(dtype, {6, 9, 11}, 1)) {
      for (int64_t dim : {0, 1, 2}) {
        Shape part = {5, 8, 10};
        part[dim] = 13;
        const TestTensor index = indices(part, x.shape()[dim], 3);
        against.check({"gather", {x, index}, {{dtype, part}}, {dim}});
        for (const TestTensor& src : layouts(dtype, part, 4)) {
          against.check({"scatter", {x, index, src}, {{dtype, x.shape()}}, {dim}});
          against.check({"scatter_add", {x, index, src}, {{dtype, x.shape()}}, {dim}});
        }
        Shape selected = x.shape();
        selected[dim] = 17;
        const TestTensor rows = indices({17}, x.shape()[dim], 5);
        against.check({"index_select", {x, rows}, {{dtype, selected}}, {dim}});
        against.check({"index_add",
                       {x, rows, TestTensor::random(dtype, selected, 6)},
                       {{dtype, x.shape()}},
                       {dim}});
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(GatherTest, RefusesAnIndexOutOfRange) {
  TestBackend backend;
  const TestTensor x = TestTensor::random(TSR_FLOAT32, {3, 4}, 1);
  for (int64_t bad : {-1, 4, 100}) {
    const TestTensor index = TestTensor::of<int64_t>({3, 2}, {0, 1, 2, bad, 3, 0});
    EXPECT_EQ(backend.run("gather", {x, index}, {TestTensor(TSR_FLOAT32, {3, 2})}, {1}),
              TSR_OUT_OF_RANGE);
    EXPECT_NE(backend.message().find(std::to_string(bad)), std::string::npos);
    EXPECT_NE(backend.message().find("[0, 4)"), std::string::npos) << backend.message();
    EXPECT_EQ(backend.run("scatter_add", {x, index, TestTensor(TSR_FLOAT32, {3, 2})},
                          {TestTensor(TSR_FLOAT32, {3, 4})}, {1}),
              TSR_OUT_OF_RANGE);
    const TestTensor row = TestTensor::of<int64_t>({1}, {bad});
    EXPECT_EQ(backend.run("index_select", {x, row}, {TestTensor(TSR_FLOAT32, {3, 1})}, {1}),
              TSR_OUT_OF_RANGE);
  }
}

TEST(ShapeTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT16, TSR_INT64, TSR_BOOL}) {
    for (const TestTensor& x : layouts(dtype, {4, 5, 6}, 1)) {
      const TestTensor more = TestTensor::random(dtype, {4, 2, 6}, 7);
      against.check({"cat", {x, more, x}, {{dtype, {4, 12, 6}}}, {1}});
      against.check({"flip", {x}, {{dtype, {4, 5, 6}}}, {0, 2}});
      against.check({"flip", {x}, {{dtype, {4, 5, 6}}}, {}});
      const TestTensor value = TestTensor::of<uint8_t>({}, {1});
      TestTensor fill(dtype, {});
      fill.set(0, 1);
      against.check({"pad", {x, fill}, {{dtype, {7, 3, 6}}}, {1, 2, -1, -1, 3, -3}});
      against.check({"pad", {x, fill}, {{dtype, {2, 5, 6}}}, {-1, -1, 0, 0, 0, 0}});
      against.check({"pad", {x, fill}, {{dtype, {0, 5, 6}}}, {-4, 0, 0, 0, 0, 0}});
    }
  }
  for (uint32_t dtype : kNumbers) {
    TestTensor start(dtype, {}), step(dtype, {});
    start.set(0, 3);
    step.set(0, 2);
    for (int64_t n : {0, 1, 100, 70000}) {
      if (n > 100 && (is_half(dtype) || dtype == TSR_UINT8)) continue;
      against.check({"arange", {start, step}, {{dtype, {n}}}});
    }
  }
}

TEST(FoldTest, MatchesTheReference) {
  AgainstReference against;
  for (uint32_t dtype : kNumbers) {
    for (const TestTensor& g : layouts(dtype, {2, 3, 4, 5, 3, 2}, 1)) {
      against.check(
          {"fold_windows", {g}, {{dtype, {2, 3, 11, 12}}}, {2, 11, 12, 3, 2, 2, 2, 2, 3}});
    }
    against.check({"fold_windows",
                   {TestTensor::random(dtype, {3, 9, 4}, 1)},
                   {{dtype, {3, 14}}},
                   {1, 14, 4, 1, 1}});
  }
}

TEST(RandomTest, HasTheReferencesBits) {
  AgainstReference against;
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{7, 3}, Shape{20001}}) {
    for (const std::vector<int64_t>& ints :
         {std::vector<int64_t>{0, 0}, {-5, 12}, {0x123456789ABCDEF, (int64_t{1} << 32) - 3}}) {
      against.check({"random_bits", {}, {{TSR_INT32, shape}}, ints}, 0);
      for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64, TSR_FLOAT16, TSR_BFLOAT16}) {
        TestBackend cpu, reference(1, tessera_plugin_reference);
        for (const char* op : {"random_uniform", "random_normal"}) {
          const TestTensor a(dtype, shape), b(dtype, shape);
          ASSERT_EQ(cpu.run(op, {}, {a}, ints), TSR_OK);
          ASSERT_EQ(reference.run(op, {}, {b}, ints), TSR_OK);
          ASSERT_EQ(a.bytes(), b.bytes()) << op << " " << dtype_name(dtype);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tessera::cpu
