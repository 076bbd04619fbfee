// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/function.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/autograd/checkpoint.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using testing::ElementsAre;

Tensor leaf(const std::vector<float>& values) { return tensor<float>(values).requires_grad_(); }

Tensor round_through(const Tensor& x) {
  return autograd::custom_function(
      "round_through", {x}, [&] { return std::vector<Tensor>{x.round()}; },
      [](VjpContext& c) { c.set(0, c.grad()); })[0];
}

Tensor my_sigmoid(const Tensor& x) {
  return autograd::custom_function(
      "my_sigmoid", {x}, [&] { return std::vector<Tensor>{x.sigmoid()}; },
      [](VjpContext& c) {
        const Tensor& y = c.output(0);
        c.set(0, c.grad() * y * (1 - y));
      },
      {.outputs = 1})[0];
}

Tensor my_product(const Tensor& a, const Tensor& b) {
  return autograd::custom_function(
      "my_product", {a, b}, [&] { return std::vector<Tensor>{a * b}; },
      [](VjpContext& c) {
        c.set(0, c.grad() * c.input(1));
        c.set(1, c.grad() * c.input(0));
      },
      {.inputs = kSaveAll})[0];
}

TEST(CustomFunction, HasItsOwnGradient) {
  Tensor x = leaf({0.4, 1.7});
  Tensor y = round_through(x);
  EXPECT_EQ(autograd::grad_fn_name(y), "round_through");
  EXPECT_THAT(y.to_vector<float>(), ElementsAre(0, 2));
  (y * y).sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(0, 4));
}

TEST(CustomFunction, ReadsKeptValues) {
  auto function = [](const std::vector<Tensor>& x) {
    return std::vector<Tensor>{my_sigmoid(my_product(x[0], x[1]))};
  };
  Tensor a = tensor<float>({0.5, -1}), b = tensor<float>({2, 0.25});
  EXPECT_EQ(gradcheck(function, {a, b}), absl::OkStatus());
  EXPECT_EQ(gradgradcheck(function, {a, b}), absl::OkStatus());
}

TEST(CustomFunction, InsideACheckpoint) {
  auto function = [](const Tensor& x) {
    return checkpoint([](const Tensor& h) { return my_product(my_sigmoid(h), h); }, x * 1);
  };
  EXPECT_EQ(gradcheck(function, tensor<float>({0.5, -1})), absl::OkStatus());
}

TEST(CustomFunction, IsPlainWithoutGradients) {
  EXPECT_FALSE(round_through(tensor<float>({1})).requires_grad());
  NoGradGuard no_grad;
  EXPECT_FALSE(round_through(leaf({1})).requires_grad());
}

}  // namespace
}  // namespace tessera
