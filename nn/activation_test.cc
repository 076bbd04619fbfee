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

}  // namespace
}  // namespace tessera::nn
