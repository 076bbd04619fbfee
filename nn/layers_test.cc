// SPDX-License-Identifier: Apache-2.0
//
// Layers' errors and random parts. Their values are compared with PyTorch's in tests/goldens.
#include <cmath>
#include <functional>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"

namespace tessera::nn {
namespace {

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Linear, RefusesBadSizes) {
  EXPECT_TRUE(contains(error_of([] { Linear(-1, 3); }), "Linear(-1, 3)"));
}

TEST(Linear, TakesOptions) {
  Linear linear(3, 2, {.bias = false, .dtype = kFloat64});
  EXPECT_FALSE(linear.bias.defined());
  EXPECT_EQ(linear.weight.dtype(), kFloat64);
  EXPECT_EQ(linear.extra_repr(), "in_features=3, out_features=2, bias=False");
}

TEST(Linear, ResetDrawsAgain) {
  Linear linear(3, 2);
  const std::vector<float> before = linear.weight.to_vector<float>();
  linear.reset_parameters();
  EXPECT_NE(linear.weight.to_vector<float>(), before);
}

TEST(Linear, SameSeedSameParameters) {
  manual_seed(5);
  Linear a(3, 2);
  manual_seed(5);
  Linear b(3, 2);
  EXPECT_TRUE(equal(a.weight, b.weight));
  EXPECT_TRUE(equal(a.bias, b.bias));
}

TEST(Conv2d, RefusesOptionsThatDoNotFit) {
  EXPECT_TRUE(contains(error_of([] { Conv2d(3, 4, {}); }), "kernel_size"));
  EXPECT_TRUE(contains(error_of([] { Conv2d(3, 4, {.kernel_size = 3, .stride = 0}); }), "stride"));
  EXPECT_TRUE(contains(error_of([] {
                         Conv2d(3, 4, {.kernel_size = 3, .dilation = {1, 0}});
                       }),
                       "dilation is (1, 0)"));
  EXPECT_TRUE(
      contains(error_of([] { Conv2d(3, 4, {.kernel_size = 3, .padding = -1}); }), "padding"));
  EXPECT_TRUE(contains(error_of([] { Conv2d(3, 4, {.kernel_size = 3, .groups = 2}); }),
                       "3 input channels"));
  EXPECT_TRUE(contains(error_of([] { Conv2d(4, 3, {.kernel_size = 3, .groups = 2}); }),
                       "3 output channels"));
  EXPECT_TRUE(contains(
      error_of([] { Conv2d(4, 3, {.kernel_size = 3, .stride = 2, .padding = kSame}); }), "kSame"));
}

TEST(Dropout, KeepsTheMeanWhileTraining) {
  Dropout dropout(0.25);
  Tensor x = ones({100, 100}, {.dtype = kFloat64});
  Tensor y = dropout(x);
  const double zeros_part = (y == 0).to(kFloat64).mean().item<double>();
  // 10,000 draws: a deviation of 0.0043.
  EXPECT_NEAR(zeros_part, 0.25, 0.02);
  EXPECT_NEAR(y.mean().item<double>(), 1, 0.03);
  EXPECT_NEAR(y.amax().item<double>(), 1 / 0.75, 1e-12);
  EXPECT_FALSE(equal(dropout(x), y));
}

TEST(Dropout, DoesNothingInEvaluation) {
  Dropout dropout(0.5);
  dropout.eval();
  Tensor x = rand({10});
  EXPECT_TRUE(dropout(x).is_same(x));
}

TEST(Dropout, AllAndNothing) {
  Tensor x = rand({10}) + 1;
  Dropout none(0), all(1);
  EXPECT_TRUE(none(x).is_same(x));
  EXPECT_EQ(all(x).abs().sum().item<float>(), 0);
  EXPECT_TRUE(contains(error_of([] { Dropout(1.5); }), "1.5"));
  EXPECT_TRUE(contains(error_of([] { Dropout(std::nan("")); }), "nan"));
}

TEST(Dropout, GradientIsThatOfWhatWasKept) {
  Tensor x = rand({1000}, {.requires_grad = true});
  Dropout dropout(0.5);
  Tensor y = dropout(x);
  y.sum().backward();
  EXPECT_TRUE(allclose(x.grad() * x.detach(), y.detach()));
}

TEST(Unflatten, UndoesFlatten) {
  Sequential model(Flatten(), Unflatten(1, {3, -1}));
  EXPECT_EQ(model(rand({2, 3, 4})).shape(), (Shape{2, 3, 4}));
  EXPECT_EQ(model[1].extra_repr(), "dim=1, unflattened_size=(3, -1)");
}

TEST(Losses, RefuseShapesThatDoNotFit) {
  Tensor column = rand({4, 1}), row = rand({4});
  const std::string message = error_of([&] { MSELoss()(column, row); });
  EXPECT_TRUE(contains(message, "MSELoss: mse_loss: ")) << message;
  EXPECT_TRUE(contains(message, "[4, 1]")) << message;
  EXPECT_TRUE(contains(message, "[4]")) << message;
  error_of([&] { L1Loss()(column, row); });
  error_of([&] { BCELoss()(column, row); });
  error_of([&] { BCEWithLogitsLoss()(column, row); });
  error_of([&] { HuberLoss()(column, row); });
  error_of([&] { SmoothL1Loss()(column, row); });
  const Tensor classes = zeros({3}, {.dtype = kInt64});
  error_of([&] { CrossEntropyLoss()(rand({4, 2}), classes); });
  error_of([&] { CrossEntropyLoss({.label_smoothing = 2})(rand({3, 2}), classes); });
  error_of([&] { CrossEntropyLoss({.weight = ones({3})})(rand({3, 2}), classes); });
  error_of([&] { NLLLoss()(rand({3, 2}), rand({3})); });
}

TEST(Losses, RefuseClassesOutOfRange) {
  for (const auto& options :
       {CrossEntropyLossOptions{}, CrossEntropyLossOptions{.label_smoothing = 0.1}}) {
    for (int64_t bad : {int64_t{2}, int64_t{-1}}) {
      CrossEntropyLoss loss(options);
      try {
        // An asynchronous device reports the kernel's error when the value is read.
        loss(rand({2, 2}), tensor<int64_t>({0, bad})).item<float>();
        ADD_FAILURE() << bad;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), absl::StatusCode::kOutOfRange) << error.what();
      }
    }
  }
}

TEST(Losses, WeightsAreBuffers) {
  CrossEntropyLoss loss({.weight = ones({3})});
  EXPECT_EQ(loss.state_dict().keys(), std::vector<std::string>{"weight"});
  loss.to(kFloat64);
  EXPECT_EQ(loss(rand({2, 3}, {.dtype = kFloat64}), tensor<int64_t>({0, 1})).dtype(), kFloat64);
}

}  // namespace
}  // namespace tessera::nn
