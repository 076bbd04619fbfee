// SPDX-License-Identifier: Apache-2.0
//
// Distributions are compared with PyTorch's in tests/goldens.
#include "tessera/nn/init.h"

#include <cmath>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera::nn::init {
namespace {

TEST(Init, FansOfLayers) {
  EXPECT_EQ(calculate_fans({5, 3}).in, 3);
  EXPECT_EQ(calculate_fans({5, 3}).out, 5);
  EXPECT_EQ(calculate_fans({5, 3, 2, 7}).in, 42);
  EXPECT_EQ(calculate_fans({5, 3, 2, 7}).out, 70);
  EXPECT_THROW(calculate_fans({5}), Error);
}

TEST(Init, Gains) {
  EXPECT_EQ(calculate_gain(kLinear), 1);
  EXPECT_EQ(calculate_gain(kSigmoid), 1);
  EXPECT_EQ(calculate_gain(kTanh), 5.0 / 3);
  EXPECT_EQ(calculate_gain(kReLU), std::sqrt(2.0));
  EXPECT_EQ(calculate_gain(kSELU), 0.75);
  EXPECT_DOUBLE_EQ(calculate_gain(kLeakyReLU), std::sqrt(2 / 1.0001));
  EXPECT_DOUBLE_EQ(calculate_gain(kLeakyReLU, 1), 1);
}

TEST(Init, FillsInPlaceWithoutTheTape) {
  Tensor x = zeros({50, 40}, {.requires_grad = true});
  EXPECT_TRUE(init::uniform_(x, 2, 3).is_same(x));
  EXPECT_GE(x.detach().amin().item<float>(), 2);
  EXPECT_LT(x.detach().amax().item<float>(), 3);
  init::normal_(x, 7, 0.1);
  EXPECT_NEAR(x.detach().mean().item<float>(), 7, 0.02);
  EXPECT_NEAR(x.detach().std().item<float>(), 0.1, 0.01);
  constant_(x, 4);
  EXPECT_EQ(x.detach().amin().item<float>(), 4);
  ones_(x);
  EXPECT_EQ(x.detach().mean().item<float>(), 1);
  zeros_(x);
  EXPECT_EQ(x.detach().abs().sum().item<float>(), 0);
  EXPECT_TRUE(x.requires_grad());
  EXPECT_TRUE(x.is_leaf());
}

TEST(Init, TakesTensorsWithoutElements) {
  EXPECT_EQ(kaiming_uniform_(zeros({3, 0})).numel(), 0);
  EXPECT_EQ(kaiming_normal_(zeros({3, 0})).numel(), 0);
  EXPECT_EQ(xavier_uniform_(zeros({0, 0})).numel(), 0);
}

// Rows or columns, whichever are fewer, have the length `gain` and right angles.
TEST(Init, OrthogonalMatrices) {
  for (const Shape& shape : {Shape{5, 5}, Shape{7, 3}, Shape{3, 7}, Shape{4, 2, 3}, Shape{1, 1}}) {
    Tensor x = orthogonal_(empty(shape, {.dtype = kFloat64}), 1.5).flatten(1, -1);
    if (x.size(0) > x.size(1)) x = x.t();
    const Tensor products = x.matmul(x.t());
    EXPECT_TRUE(allclose(products, eye(x.size(0), {.dtype = kFloat64}) * 2.25, 0, 1e-12))
        << shape.to_string();
  }
  EXPECT_EQ(orthogonal_(zeros({0, 3})).numel(), 0);
  EXPECT_THROW(orthogonal_(zeros({3})), Error);
}

TEST(Init, OrthogonalMatricesAreUniform) {
  // Of a random rotation every entry is as often positive as negative.
  manual_seed(3);
  Tensor sum = zeros({3, 3});
  for (int i = 0; i < 2000; ++i) sum += orthogonal_(empty({3, 3}));
  // Entries have variance 1/3: a deviation of 26.
  EXPECT_LT(sum.abs().amax().item<float>(), 110);
}

TEST(Init, SameSeedSameValues) {
  for (auto* fill :
       {+[](Tensor x) { return orthogonal_(x); }, +[](Tensor x) { return sparse_(x, 0.5); },
        +[](Tensor x) { return trunc_normal_(x); }}) {
    manual_seed(8);
    const Tensor a = fill(empty({6, 4}));
    const Tensor b = fill(empty({6, 4}));
    manual_seed(8);
    EXPECT_TRUE(equal(fill(empty({6, 4})), a));
    EXPECT_FALSE(equal(a, b));
  }
}

TEST(Init, SparseColumns) {
  const Tensor x = sparse_(empty({10, 300}), 0.31, 2);
  const Tensor zeros_of_column = (x == 0).to(kInt64).sum(0);
  EXPECT_TRUE((zeros_of_column == 4).all().item<bool>());  // 3.1, rounded up
  // Every row is dropped now and then: 120 of 300 times, with a deviation of 8.5.
  const Tensor zeros_of_row = (x == 0).to(kInt64).sum(1);
  EXPECT_GT(zeros_of_row.amin().item<int64_t>(), 70);
  EXPECT_LT(zeros_of_row.amax().item<int64_t>(), 170);
  EXPECT_NEAR(x.square().sum().item<float>() / (6 * 300), 4, 0.8);
  EXPECT_EQ(sparse_(empty({3, 2}), 1).abs().sum().item<float>(), 0);
  EXPECT_EQ((sparse_(empty({3, 2}), 0) == 0).to(kInt64).sum().item<int64_t>(), 0);
  EXPECT_THROW(sparse_(empty({3, 2}), 1.5), Error);
  EXPECT_THROW(sparse_(empty({3, 2, 2}), 0.5), Error);
}

TEST(Init, RefusesWhatItCannotFill) {
  EXPECT_THROW(eye_(empty({3})), Error);
  EXPECT_THROW(dirac_(empty({3, 3})), Error);
  EXPECT_THROW(dirac_(empty({3, 3, 3}), 2), Error);
  EXPECT_THROW(trunc_normal_(empty({3}), 0, 0), Error);
  EXPECT_THROW(trunc_normal_(empty({3}), 0, 1, 2, 1), Error);
}

TEST(Init, BoundsOfLinearLayers) {
  Tensor weight = empty({4000, 16}), bias = empty({4000});
  reset_linear_(weight, bias);
  for (const Tensor& x : {weight, bias}) {
    EXPECT_LE(x.abs().amax().item<float>(), 0.25f);
    EXPECT_GT(x.abs().amax().item<float>(), 0.249f);
  }
}

}  // namespace
}  // namespace tessera::nn::init
