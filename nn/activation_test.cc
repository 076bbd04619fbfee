// SPDX-License-Identifier: Apache-2.0
//
// Activations' errors, second derivatives and half dtypes. Their values and gradients are compared
// with PyTorch's in tests/goldens.
#include "tessera/nn/activation.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/functional.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera::nn {
namespace {

namespace F = functional;

using Function = std::function<Tensor(const Tensor&)>;

const std::vector<std::pair<std::string, Function>>& functions() {
  static const auto* const list = new std::vector<std::pair<std::string, Function>>{
      {"relu6", F::relu6},
      {"hardtanh", [](const Tensor& x) { return F::hardtanh(x); }},
      {"hardsigmoid", F::hardsigmoid},
      {"hardswish", F::hardswish},
      {"mish", F::mish},
      {"selu", F::selu},
      {"elu", [](const Tensor& x) { return F::elu(x, 1.3); }},
      {"celu", [](const Tensor& x) { return F::celu(x, 0.7); }},
      {"leaky_relu", [](const Tensor& x) { return F::leaky_relu(x, 0.2); }},
      {"softplus", [](const Tensor& x) { return F::softplus(x, 2, 3); }},
      {"softsign", F::softsign},
      {"tanhshrink", F::tanhshrink},
      {"hardshrink", [](const Tensor& x) { return F::hardshrink(x); }},
      {"softshrink", [](const Tensor& x) { return F::softshrink(x); }},
      {"threshold", [](const Tensor& x) { return F::threshold(x, 0.1, 2); }},
      {"glu", [](const Tensor& x) { return F::glu(x); }},
      {"softmin", [](const Tensor& x) { return F::softmin(x, 0); }},
      {"gelu_tanh", [](const Tensor& x) { return F::gelu(x, GELUApproximation::kTanh); }},
      {"prelu",
       [](const Tensor& x) {
         return F::prelu(x, tensor<double>({0.1, -0.4}).to(x.dtype()).reshape({2}));
       }},
  };
  return *list;
}

// Away from every kink.
Tensor points() {
  return tensor<double>({-7.1, -3.6, -2.3, -0.8, -0.3, 0.2, 0.4, 0.9, 2.2, 4.5, 6.7, 25.0}, {6, 2});
}

TEST(Activations, GradientsOfGradients) {
  for (const auto& [name, f] : functions()) {
    const absl::Status first = gradcheck(f, points()), second = gradgradcheck(f, points());
    EXPECT_TRUE(first.ok()) << name << ": " << first;
    EXPECT_TRUE(second.ok()) << name << ": " << second;
  }
}

TEST(Activations, KeepHalfDtypes) {
  for (DType dtype : {kFloat16, kBFloat16}) {
    for (const auto& [name, f] : functions()) {
      const Tensor x = points().to(dtype);
      const Tensor y = f(x);
      EXPECT_EQ(y.dtype(), dtype) << name;
      // A few roundings of the dtype each.
      EXPECT_TRUE(allclose(y.to(kFloat64), f(x.to(kFloat64)), dtype == kFloat16 ? 5e-3 : 4e-2,
                           dtype == kFloat16 ? 2e-3 : 2e-2))
          << name << "\n"
          << y << "\n"
          << f(x.to(kFloat64));
    }
  }
}

TEST(Activations, LetNanThrough) {
  const Tensor x = full({4, 2}, std::numeric_limits<double>::quiet_NaN());
  for (const auto& [name, f] : functions()) {
    EXPECT_TRUE(f(x).isnan().all().item<bool>()) << name;
  }
}

absl::StatusCode code_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.code();
  }
  return absl::StatusCode::kOk;
}

TEST(Activations, RefuseWhatMakesNoSense) {
  const Tensor x = rand({3, 5});
  const auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code_of([&] { F::glu(x); }), kInvalid);
  EXPECT_EQ(code_of([&] { F::glu(x, 2); }), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(code_of([&] { F::glu(rand({})); }), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(code_of([&] { F::celu(x, 0); }), kInvalid);
  EXPECT_EQ(code_of([&] { F::softshrink(x, -1); }), kInvalid);
  EXPECT_EQ(code_of([&] { F::hardtanh(x, 2, 1); }), kInvalid);
  EXPECT_EQ(code_of([&] { F::prelu(x, rand({3})); }), kInvalid);
  EXPECT_EQ(code_of([&] { F::prelu(rand({5}), rand({5})); }), kInvalid);
  EXPECT_EQ(code_of([&] { F::prelu(x, rand({5, 1})); }), kInvalid);
  EXPECT_EQ(code_of([&] { F::elu(arange(3)); }), kInvalid);
  EXPECT_EQ(code_of([&] { Hardtanh(1, 1); }), kInvalid);
  EXPECT_EQ(code_of([&] { PReLU(0); }), kInvalid);
}

TEST(PReLU, LearnsItsSlope) {
  PReLU prelu(1, {.init = 0.5});
  EXPECT_EQ(prelu.state_dict().keys(), std::vector<std::string>{"weight"});
  prelu(tensor<float>({-2, 3, -1})).sum().backward();
  EXPECT_EQ(prelu.weight.grad().item<float>(), -3);
}

TEST(Activation, RReLUDrawsASlopeForEveryElement) {
  Generator generator = {.seed = 5};
  Tensor x = full({20000}, -2, {.dtype = kFloat64, .requires_grad = true});
  const Tensor y = F::rrelu(x, 0.25, 0.75, true, &generator), slopes = y.detach() / -2;
  EXPECT_GE(slopes.min().item<double>(), 0.25);
  EXPECT_LT(slopes.max().item<double>(), 0.75);
  // Of 20000 of standard deviation 0.144 the mean has 0.001.
  EXPECT_NEAR(slopes.mean().item<double>(), 0.5, 0.005);
  EXPECT_NEAR(slopes.std().item<double>(), 0.5 / std::sqrt(12.0), 0.005);
  y.sum().backward();
  EXPECT_TRUE(allclose(x.grad(), slopes));
  EXPECT_TRUE(equal(F::rrelu(ones({3}), 0.25, 0.75, true), ones({3})));
  RReLU layer(0.5, 0.5);
  EXPECT_TRUE(equal(layer(full({3}, -2)), full({3}, -1)));
  EXPECT_THROW(F::rrelu(x, 0.5, 0.25), Error);
  EXPECT_THROW(F::rrelu(x, -1, 0.25), Error);
}

TEST(Activation, GumbelSoftmaxSamplesTheCategories) {
  Generator generator = {.seed = 6};
  const Tensor p = tensor<double>({0.1, 0.6, 0.3});
  Tensor logits = p.log().expand({20000, 3}).clone().requires_grad_();
  Tensor hard = F::gumbel_softmax(logits, 0.5, true, -1, &generator);
  const Tensor values = hard.detach();
  EXPECT_TRUE(allclose(values.max(1).first, ones({20000}, {.dtype = kFloat64})));
  EXPECT_TRUE(allclose(values.sum(1), ones({20000}, {.dtype = kFloat64})));
  // Standard deviations of the means are below 0.0035.
  EXPECT_TRUE(allclose(values.mean(0), p, 0, 0.015));

  // The gradient is that of the smooth sample of the same numbers.
  const Tensor g = randn({20000, 3}, {.dtype = kFloat64});
  hard.backward(g);
  const Tensor of_hard = logits.grad().clone();
  logits.set_grad(Tensor());
  Generator again = {.seed = 6};
  Tensor soft = F::gumbel_softmax(logits, 0.5, false, -1, &again);
  EXPECT_TRUE(equal(soft.detach().argmax(1), values.argmax(1)));
  soft.backward(g);
  EXPECT_TRUE(allclose(of_hard, logits.grad()));
  EXPECT_THROW(F::gumbel_softmax(p, 0), Error);
  EXPECT_THROW(F::gumbel_softmax(p, 1, false, 1), Error);
}

TEST(Activation, Softmax2dAndChannelShuffleRefuse) {
  EXPECT_THROW(Softmax2d()(ones({2, 3})), Error);
  EXPECT_THROW(F::channel_shuffle(ones({2, 4}), 2), Error);
  EXPECT_THROW(F::channel_shuffle(ones({2, 4, 3}), 3), Error);
  EXPECT_THROW(F::channel_shuffle(ones({2, 4, 3}), 0), Error);
}

}  // namespace
}  // namespace tessera::nn
