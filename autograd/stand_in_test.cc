// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/stand_in.h"

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera::autograd {
namespace {

Tensor leaf(std::vector<double> values) {
  return tensor<double>(values, {.dtype = kFloat64, .requires_grad = true});
}

TEST(StandIn, GradientGoesToTheValue) {
  Tensor w = leaf({1, 2}), value = leaf({3, 5}), x = leaf({7, 11});
  Tensor loss;
  {
    StandIn stand_in(w, value);
    loss = (w * w * x).sum();
  }
  EXPECT_EQ(w.to_vector<double>(), (std::vector<double>{1, 2}));
  EXPECT_TRUE(w.is_leaf());
  loss.backward();
  // 2 w x and w^2 at w = value.
  EXPECT_EQ(value.grad().to_vector<double>(), (std::vector<double>{42, 110}));
  EXPECT_EQ(x.grad().to_vector<double>(), (std::vector<double>{9, 25}));
  EXPECT_FALSE(w.grad().defined());
}

TEST(StandIn, ValueMayBeComputedFromTheTarget) {
  Tensor w = leaf({2});
  Tensor value = w * 3, loss;
  {
    StandIn stand_in(w, value);
    loss = (w * w).sum();
  }
  loss.backward();
  EXPECT_EQ(w.grad().item<double>(), 36);  // d (3 w)^2 = 18 w
}

TEST(StandIn, KeepsTheGradientOfTheTarget) {
  Tensor w = leaf({2}), value = leaf({3});
  (w * 5).sum().backward();
  {
    StandIn stand_in(w, value);
    EXPECT_FALSE(w.grad().defined());
    (w * 7).sum().backward();
  }
  EXPECT_EQ(w.grad().item<double>(), 5);
  EXPECT_EQ(value.grad().item<double>(), 7);
}

TEST(StandIn, WithoutAGradientItIsAConstant) {
  Tensor w = leaf({2}), x = leaf({3});
  Tensor loss;
  {
    StandIn stand_in(w, tensor<double>({4}));
    loss = (w * x).sum();
  }
  loss.backward();
  EXPECT_EQ(x.grad().item<double>(), 4);
  EXPECT_FALSE(w.grad().defined());
}

TEST(StandIn, WritesGoToTheValue) {
  Tensor w = leaf({1}), value = tensor<double>({4});
  {
    StandIn stand_in(w, value);
    w.detach().fill_(9);
  }
  EXPECT_EQ(w.item<double>(), 1);
  EXPECT_EQ(value.item<double>(), 9);
}

TEST(StandIn, RefusesAnotherShapeOrDtype) {
  Tensor w = leaf({1, 2});
  EXPECT_THROW(StandIn(w, leaf({1})), Error);
  EXPECT_THROW(StandIn(w, tensor<float>({1, 2})), Error);
  EXPECT_EQ(w.to_vector<double>(), (std::vector<double>{1, 2}));
}

}  // namespace
}  // namespace tessera::autograd
