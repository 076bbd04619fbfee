// SPDX-License-Identifier: Apache-2.0
//
// Attention against the reference, at sizes around every tile.
#include <limits>

#include "gtest/gtest.h"
#include "tessera/backends/cpu/against_reference.h"

namespace tessera::cpu {
namespace {

struct Case {
  Shape batch;
  int64_t queries, keys, features, value_features;
  bool causal = false;
  double dropout = 0;
  double scale = 0.4;
};

Shape with(Shape shape, std::initializer_list<int64_t> sizes) {
  shape.insert(shape.end(), sizes);
  return shape;
}

TestTensor random(uint32_t dtype, const Shape& shape, uint32_t seed) {
  return TestTensor::random(dtype, shape, seed);
}

uint32_t lse_dtype(uint32_t dtype) {
  return dtype == TSR_FLOAT64 ? uint32_t{TSR_FLOAT64} : uint32_t{TSR_FLOAT32};
}

// The tolerance is for float32, where a row's sum has up to 300 terms of one sign.
constexpr double kTolerance = 4e-6;

// Both nodes. The backward one gets any y and lse, as it is a function of these too.
void check(AgainstReference& against, const Case& c, uint32_t dtype,
           const std::vector<TestTensor>& qkv, const std::vector<TestTensor>& mask = {},
           double tolerance = kTolerance) {
  const Shape y = with(c.batch, {c.queries, c.value_features}), rows = with(c.batch, {c.queries});
  const std::vector<int64_t> ints = {c.causal ? 1 : 0, 12345, 7};
  const std::vector<double> doubles = {c.scale, c.dropout};
  std::vector<TestTensor> inputs = qkv;
  inputs.insert(inputs.end(), mask.begin(), mask.end());
  against.check({"scaled_dot_product_attention",
                 inputs,
                 {{dtype, y}, {lse_dtype(dtype), rows}},
                 ints,
                 doubles},
                tolerance);
  TestTensor lse = random(lse_dtype(dtype), rows, 9);
  for (int64_t i = 0; i < lse.count(); ++i) lse.set(i, lse.at(i) + 3);
  inputs = {random(dtype, y, 4), qkv[0], qkv[1], qkv[2], random(dtype, y, 5), lse};
  inputs.insert(inputs.end(), mask.begin(), mask.end());
  against.check({"scaled_dot_product_attention_backward",
                 inputs,
                 {{dtype, qkv[0].shape()}, {dtype, qkv[1].shape()}, {dtype, qkv[2].shape()}},
                 ints,
                 doubles},
                tolerance);
}

std::vector<TestTensor> operands(const Case& c, uint32_t dtype) {
  return {random(dtype, with(c.batch, {c.queries, c.features}), 1),
          random(dtype, with(c.batch, {c.keys, c.features}), 2),
          random(dtype, with(c.batch, {c.keys, c.value_features}), 3)};
}

TEST(AttentionTest, MatchesTheReferenceAtSizesAroundEveryTile) {
  AgainstReference against;
  for (int64_t queries : {1, 4, 5, 64, 65, 130}) {
    for (int64_t keys : {1, 96, 97, 200}) {
      for (bool causal : {false, true}) {
        for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64}) {
          const Case c = {{2}, queries, keys, 3, 2, causal};
          check(against, c, dtype, operands(c, dtype));
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(AttentionTest, MatchesTheReferenceForAnyNumberOfFeatures) {
  AgainstReference against;
  const std::pair<int64_t, int64_t> kFeatures[] = {{0, 1},  {1, 0},   {3, 4},   {8, 17},
                                                   {33, 1}, {290, 3}, {4, 270}, {5, 2}};
  for (const auto& [features, value_features] : kFeatures) {
    for (int64_t queries : {3, 20}) {
      const Case c = {{1}, queries, 101, features, value_features, false, 0, 0.1};
      check(against, c, TSR_FLOAT32, operands(c, TSR_FLOAT32));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(AttentionTest, ManyBatchesAndNone) {
  AgainstReference against;
  for (int64_t batches : {0, 2, 16}) {
    for (double dropout : {0.0, 0.3, 1.0}) {
      const Case c = {{batches}, 67, 101, 2, 2, true, dropout};
      check(against, c, TSR_FLOAT32, operands(c, TSR_FLOAT32));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(AttentionTest, Masks) {
  AgainstReference against;
  const Case c = {{2, 2}, 33, 99, 3, 2};
  for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64, TSR_BFLOAT16}) {
    for (uint32_t mask_dtype : {uint32_t{TSR_BOOL}, dtype, lse_dtype(dtype)}) {
      for (const Shape& shape :
           std::vector<Shape>{{2, 3, 66, 99}, {66, 99}, {2, 1, 1, 99}, {3, 66, 1}, {1, 1}}) {
        TestTensor mask = random(mask_dtype, shape, 6);
        // Queries that see nothing, where the mask has rows.
        const double none = mask_dtype == TSR_BOOL ? 0 : -std::numeric_limits<double>::infinity();
        if (shape.back() > 1 && mask.count() > 99) {
          for (int64_t j = 0; j < 99; ++j) mask.set(99 + j, none);
        }
        check(against, c, dtype, operands(c, dtype), {mask.expanded({2, 2, 33, 99})});
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(AttentionTest, HeadsThatShareRowsAndRepeatedKeys) {
  AgainstReference against;
  const Case c = {{2, 3}, 70, 98, 5, 5, true, 0.2};
  for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT16}) {
    // (batch, length, head, features), as projections come.
    const std::vector<TestTensor> heads = {random(dtype, {2, 70, 3, 5}, 1).transposed(1, 2),
                                           random(dtype, {2, 98, 3, 5}, 2).transposed(1, 2),
                                           random(dtype, {2, 98, 3, 5}, 3).transposed(1, 2)};
    check(against, c, dtype, heads);
    const TestTensor keys = random(dtype, {1, 1, 98, 5}, 4).expanded({2, 3, 98, 5});
    check(against, c, dtype, {heads[0], keys, keys});
    const TestTensor columns = random(dtype, {2, 3, 5, 98}, 5).transposed(2, 3);
    check(against, c, dtype, {heads[0], columns, columns});
    const TestTensor constant = random(dtype, {2, 3, 98, 1}, 6).expanded({2, 3, 98, 5});
    check(against, c, dtype, {heads[0], constant, constant});
    if (HasFatalFailure()) return;
  }
}

TEST(AttentionTest, LargeScoresAndNan) {
  AgainstReference against;
  Case c = {{1}, 8, 200, 4, 4};
  c.scale = 30;
  std::vector<TestTensor> qkv = operands(c, TSR_FLOAT32);
  // The exponential of a score of 90 is as inexact as the score: by 90 times float32's 6e-8.
  check(against, c, TSR_FLOAT32, qkv, {}, 2e-5);
  qkv[0].set(0, std::numeric_limits<double>::quiet_NaN());
  qkv[0].set(12, std::numeric_limits<double>::infinity());
  against.check({"scaled_dot_product_attention",
                 qkv,
                 {{TSR_FLOAT32, {1, 8, 4}}, {TSR_FLOAT32, {1, 8}}},
                 {0, 0, 0},
                 {1, 0}},
                kTolerance);
}

}  // namespace
}  // namespace tessera::cpu
