// SPDX-License-Identifier: Apache-2.0
//
// Distributions are compared with PyTorch's in tests/goldens.
#include "tessera/nn/init.h"

#include <cmath>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/factory.h"

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
  EXPECT_TRUE(uniform_(x, 2, 3).is_same(x));
  EXPECT_GE(x.detach().amin().item<float>(), 2);
  EXPECT_LT(x.detach().amax().item<float>(), 3);
  normal_(x, 7, 0.1);
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
