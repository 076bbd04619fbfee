// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/lazy.h"

#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"

namespace tessera::nn {
namespace {

template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return std::string(error.status().message());
  }
  return "no error";
}

Sequential make_model() {
  return Sequential(LazyConv2d(4, {.kernel_size = 3, .groups = 2}), ReLU(), Flatten(),
                    LazyLinear(5, {.bias = false}));
}

TEST(LazyTest, ParametersFollowFromTheFirstInput) {
  Sequential model = make_model();
  EXPECT_EQ(model.to_string(),
            "Sequential(\n"
            "  (0): LazyConv2d(0, 4, kernel_size=(3, 3), stride=(1, 1), groups=2)\n"
            "  (1): ReLU()\n"
            "  (2): Flatten(start_dim=1, end_dim=-1)\n"
            "  (3): LazyLinear(in_features=0, out_features=5, bias=False)\n"
            ")");
  Tensor y = model(randn({2, 6, 5, 4}, {.dtype = kFloat64}));
  EXPECT_EQ(y.shape(), Shape({2, 5}));
  EXPECT_EQ(model.to_string(),
            "Sequential(\n"
            "  (0): Conv2d(6, 4, kernel_size=(3, 3), stride=(1, 1), groups=2)\n"
            "  (1): ReLU()\n"
            "  (2): Flatten(start_dim=1, end_dim=-1)\n"
            "  (3): Linear(in_features=24, out_features=5, bias=False)\n"
            ")");
  const StateDict state = model.state_dict();
  EXPECT_EQ(state.at("0.weight").shape(), Shape({4, 3, 3, 3}));
  EXPECT_EQ(state.at("0.bias").shape(), Shape({4}));
  EXPECT_EQ(state.at("3.weight").shape(), Shape({5, 24}));
  EXPECT_EQ(state.at("3.weight").dtype(), kFloat64);
  EXPECT_TRUE(model.parameters()[0].requires_grad());
  EXPECT_EQ(model(randn({1, 6, 5, 4}, {.dtype = kFloat64})).shape(), Shape({1, 5}));
  EXPECT_EQ(
      message_of([&] {
        model(randn({1, 4, 5, 4}, {.dtype = kFloat64}));
      }),
      "0 (Conv2d): conv2d: input has 4 channels, weight expects 6: input [1, 4, 5, 4], weight "
      "[4, 3, 3, 3], groups 2");
}

TEST(LazyTest, WhatNeedsParametersRefusesBefore) {
  Sequential model = make_model();
  const char* kWanted =
      "0 (LazyConv2d) has no parameters before its first input: run the model once, or load a "
      "state "
      "dict";
  EXPECT_EQ(message_of([&] { model.parameters(); }), kWanted);
  EXPECT_EQ(message_of([&] { model.state_dict(); }), kWanted);
  EXPECT_EQ(message_of([&] { model.num_parameters(); }), kWanted);
  EXPECT_EQ(message_of([&] { model.zero_grad(); }), kWanted);
  // Modes and places do not need them.
  model.eval();
  model.to(kFloat64);
  LazyLinear alone(3);
  EXPECT_EQ(message_of([&] { alone.named_parameters(); }),
            "LazyLinear has no parameters before its first input: run the model once, or load a "
            "state dict");
}

TEST(LazyTest, AStateDictGivesTheSizes) {
  Sequential trained = make_model();
  const Tensor x = randn({2, 6, 5, 4});
  const Tensor y = trained(x);
  Sequential model = make_model();
  ASSERT_TRUE(model.load_state_dict(trained.state_dict()).ok());
  EXPECT_TRUE(equal(model(x), y));
  Sequential other = make_model();
  EXPECT_EQ(
      message_of([&] { other.load_state_dict(StateDict()).IgnoreError(); }),
      "0 (LazyConv2d) has no parameters before its first input: run the model once, or load a "
      "state dict");
}

TEST(LazyTest, EveryConvolution) {
  LazyConv1d conv1(2, {.kernel_size = 3});
  EXPECT_EQ(conv1(randn({3, 7})).shape(), Shape({2, 5}));
  EXPECT_EQ(conv1.to_string(), "Conv1d(3, 2, kernel_size=(3,), stride=(1,))");
  LazyConv3d conv3(2, {.kernel_size = 2});
  EXPECT_EQ(conv3(randn({1, 3, 4, 4, 4})).shape(), Shape({1, 2, 3, 3, 3}));
  LazyConvTranspose1d up1(2, {.kernel_size = 2, .stride = 2});
  EXPECT_EQ(up1(randn({1, 3, 4})).shape(), Shape({1, 2, 8}));
  LazyConvTranspose2d up2(4, {.kernel_size = 3, .stride = 2, .padding = 1, .groups = 2});
  EXPECT_EQ(up2.forward(randn({1, 6, 4, 5}), {8, 9}).shape(), Shape({1, 4, 8, 9}));
  EXPECT_EQ(up2.weight.shape(), Shape({6, 2, 3, 3}));
  LazyConvTranspose3d up3(2, {.kernel_size = 2});
  EXPECT_EQ(up3(randn({1, 3, 2, 2, 2})).shape(), Shape({1, 2, 3, 3, 3}));
  EXPECT_EQ(up3.to_string(), "ConvTranspose3d(3, 2, kernel_size=(2, 2, 2), stride=(1, 1, 1))");
  LazyConv2d wrong(4, {.kernel_size = 3, .groups = 2});
  EXPECT_EQ(message_of([&] {
              wrong(randn({1, 3, 5, 5}));
            }),
            "LazyConv2d: groups is 2, which does not divide the 3 input channels");
}

TEST(ConvTransposeTest, OutputSizeChoosesTheOutputPadding) {
  ConvTranspose2d up(3, 2, {.kernel_size = 3, .stride = 2, .padding = 1});
  const Tensor x = randn({1, 3, 4, 5});
  EXPECT_EQ(up(x).shape(), Shape({1, 2, 7, 9}));
  EXPECT_EQ(up.forward(x, {8, 9}).shape(), Shape({1, 2, 8, 9}));
  EXPECT_EQ(
      message_of([&] {
        up.forward(x, {9, 9});
      }),
      "ConvTranspose2d: output_size [9, 9] is not in [7, 8] for dimension 0 of the kernel and "
      "input [1, 3, 4, 5]");
}

TEST(ConvTest, ErrorsNameTheLayerAndBothValues) {
  EXPECT_EQ(message_of([] { Conv1d(4, 6, {.kernel_size = 3, .groups = 3}); }),
            "Conv1d(4, 6): groups is 3, which does not divide the 4 input channels");
  EXPECT_EQ(message_of([] { Conv3d(4, 6, {}); }),
            "Conv3d(4, 6): kernel_size is (0, 0, 0), not above 0");
  EXPECT_EQ(message_of([] { Conv2d(4, 6, {.kernel_size = 3, .stride = 2, .padding = kSame}); }),
            "Conv2d(4, 6): padding kSame wants stride 1, got (2, 2)");
  EXPECT_EQ(message_of([] { LazyConv2d(3, {.kernel_size = 3, .groups = 2}); }),
            "LazyConv2d(3): groups is 2, which does not divide the 3 output channels");
  Conv1d conv(4, 6, {.kernel_size = 3});
  EXPECT_EQ(message_of([&] {
              conv(zeros({2, 3, 8}));
            }),
            "Conv1d: conv1d: input has 3 channels, weight expects 4: input [2, 3, 8], weight "
            "[6, 4, 3]");
  EXPECT_EQ(message_of([&] { conv(zeros({8})); }),
            "Conv1d: conv1d: input must have 2 or 3 dimensions, got [8]");
  ConvTranspose1d up(4, 6, {.kernel_size = 3, .output_padding = 1});
  EXPECT_EQ(message_of([&] {
              up(zeros({2, 4, 8}));
            }),
            "ConvTranspose1d: conv_transpose1d: output_padding [1] must be below stride [1] or "
            "dilation [1]");
  ReflectionPad1d mirrored(3);
  EXPECT_EQ(
      message_of([&] {
        mirrored(zeros({2, 3}));
      }),
      "ReflectionPad1d: pad: reflected padding (3, 3) must be below the size 3 of dimension 1 "
      "of [2, 3]");
}

// Until it knows its channels, then the layer of that size.
template <class Lazy, class Eager, class Options>
void expect_norm_of(const char* name, const Shape& shape, const Options& options) {
  SCOPED_TRACE(name);
  Lazy lazy(options);
  EXPECT_EQ(lazy.type_name(), std::string("Lazy") + name);
  EXPECT_EQ(message_of([&] { lazy.parameters(); }),
            std::string("Lazy") + name +
                " has no parameters before its first input: run the model once, or load a state "
                "dict");
  EXPECT_NE(message_of([&] { lazy(ones({3})); }), "no error");
  EXPECT_NE(message_of([&] { lazy(ones(shape, {.dtype = kInt64})); }), "no error");

  Eager eager(3, options);
  const Tensor x = randn(shape), again = randn(shape);
  EXPECT_TRUE(equal(lazy(x), eager(x)));
  EXPECT_TRUE(equal(lazy(again), eager(again)));
  EXPECT_EQ(lazy.to_string(), eager.to_string());
  EXPECT_EQ(lazy.state_dict().keys(), eager.state_dict().keys());
  EXPECT_FALSE(lazy.parameters().empty());
  EXPECT_TRUE(equal(lazy.running_var, eager.running_var));
  EXPECT_EQ(lazy.num_batches_tracked.dtype(), kInt64);
  lazy.eval();
  eager.eval();
  EXPECT_TRUE(equal(lazy(x), eager(x)));

  Lazy loaded(options);
  ASSERT_TRUE(loaded.load_state_dict(eager.to(kFloat64).state_dict()).ok());
  EXPECT_EQ(loaded.weight.dtype(), kFloat64);
  EXPECT_TRUE(equal(loaded.running_mean, eager.running_mean));
}

TEST(LazyTest, NormsTakeTheirChannelsFromTheFirstInput) {
  const BatchNormOptions batch = {.eps = 0.1, .momentum = 0.5};
  expect_norm_of<LazyBatchNorm1d, BatchNorm1d>("BatchNorm1d", {5, 3}, batch);
  expect_norm_of<LazyBatchNorm2d, BatchNorm2d>("BatchNorm2d", {2, 3, 4, 2}, batch);
  expect_norm_of<LazyBatchNorm3d, BatchNorm3d>("BatchNorm3d", {2, 3, 2, 4, 2}, batch);
  const LazyInstanceNormOptions instance = {.eps = 0.1};
  expect_norm_of<LazyInstanceNorm1d, InstanceNorm1d>("InstanceNorm1d", {3, 5}, instance);
  expect_norm_of<LazyInstanceNorm2d, InstanceNorm2d>("InstanceNorm2d", {2, 3, 4, 2}, instance);
  expect_norm_of<LazyInstanceNorm3d, InstanceNorm3d>("InstanceNorm3d", {2, 3, 2, 4, 2}, instance);
}

TEST(LazyTest, NormsWithoutAParameterOnlyWaitForTheirName) {
  LazyBatchNorm1d norm({.affine = false, .track_running_stats = false});
  EXPECT_TRUE(norm.parameters().empty());
  EXPECT_EQ(norm.to_string(),
            "LazyBatchNorm1d(0, eps=1e-05, momentum=0.1, affine=False, bias=False, "
            "track_running_stats=False)");
  norm(randn({4, 7}));
  EXPECT_EQ(norm.to_string(),
            "BatchNorm1d(7, eps=1e-05, momentum=0.1, affine=False, bias=False, "
            "track_running_stats=False)");
  EXPECT_NE(message_of([&] { norm(randn({4, 6})); }), "no error");
}

}  // namespace
}  // namespace tessera::nn
