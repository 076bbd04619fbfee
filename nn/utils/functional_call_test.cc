// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/functional_call.h"

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"

namespace tessera::nn::utils {
namespace {

TEST(FunctionalCall, ComputesWithTheGivenTensors) {
  Sequential model(Linear(3, 4), Tanh(), Linear(4, 2)), other(Linear(3, 4), Tanh(), Linear(4, 2));
  const Tensor x = rand({5, 3});
  const Tensor before = model(x).detach();
  EXPECT_TRUE(equal(functional_call(model, other.state_dict(), x), other(x).detach()));
  EXPECT_TRUE(equal(model(x).detach(), before));
}

TEST(FunctionalCall, GradientsFlowIntoTheGivenTensors) {
  // One step of gradient descent inside, differentiated: the gradient of the loss after the step
  // for the parameter before it.
  Linear model(2, 1, {.bias = false, .dtype = kFloat64});
  const Tensor x = rand({4, 2}, {.dtype = kFloat64});
  auto loss_of = [&](const Tensor& y) { return (y * y).sum(); };
  auto after_step = [&](const Tensor& w) {
    // d/dw sum((x w)^2) = 2 w x^T x
    const Tensor gradient = matmul(w, matmul(x.t(), x)) * 2;
    return loss_of(functional_call(model, {{"weight", w - gradient * 0.1}}, x));
  };
  const Tensor w = model.weight;
  after_step(w).backward();
  const Tensor analytic = w.grad().clone();
  const double eps = 1e-6;
  NoGradGuard no_grad;
  for (int64_t k = 0; k < 2; ++k) {
    Tensor step = zeros({1, 2}, {.dtype = kFloat64});
    step[0][k].fill_(eps);
    const double slope = (after_step(w + step) - after_step(w - step)).item<double>() / (2 * eps);
    EXPECT_NEAR(analytic[0][k].item<double>(), slope, 1e-7);
  }
}

TEST(FunctionalCall, BuffersMayBeGiven) {
  BatchNorm1d norm(2);
  const Tensor mean = zeros({2});
  functional_call(norm, {{"running_mean", mean}}, rand({4, 2}) + 1);
  EXPECT_GT(mean.sum().item<float>(), 0);
  EXPECT_EQ(norm.running_mean.sum().item<float>(), 0);
}

TEST(FunctionalCall, RestoresAfterAnError) {
  Linear model(3, 2);
  const Tensor before = model.weight.detach().clone();
  EXPECT_THROW(functional_call(model, {{"weight", rand({2, 3})}}, rand({5, 4})), Error);
  EXPECT_TRUE(equal(model.weight.detach(), before));
  EXPECT_TRUE(model.weight.is_leaf());
  EXPECT_THROW(functional_call(model, {{"wight", rand({2, 3})}}, rand({5, 3})), Error);
  EXPECT_THROW(functional_call(model, {{"weight", rand({3, 2})}}, rand({5, 3})), Error);
  EXPECT_TRUE(equal(model.weight.detach(), before));
}

}  // namespace
}  // namespace tessera::nn::utils
