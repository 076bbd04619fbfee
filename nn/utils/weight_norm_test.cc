// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/weight_norm.h"

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"

namespace tessera::nn::utils {
namespace {

using Names = std::vector<std::string>;

TEST(WeightNorm, KeepsTheFunctionAndHasPyTorchsNames) {
  Linear layer(3, 2, {.dtype = kFloat64});
  const Tensor x = rand({4, 3}, {.dtype = kFloat64}), before = layer(x).detach();
  weight_norm(layer);
  EXPECT_EQ(layer.state_dict().keys(), (Names{"bias", "weight_g", "weight_v"}));
  EXPECT_EQ(layer.state_dict().at("weight_g").shape(), (Shape{2, 1}));
  EXPECT_TRUE(allclose(layer(x).detach(), before, 1e-12));
}

TEST(WeightNorm, TrainsLengthAndDirection) {
  Linear layer(3, 2, {.bias = false, .dtype = kFloat64});
  weight_norm(layer);
  const Tensor x = rand({4, 3}, {.dtype = kFloat64});
  layer(x).sum().backward();
  const Tensor g = layer.parameters()[0], v = layer.parameters()[1];
  const Tensor dw = expand(sum(x, {0}, true), {2, 3});  // the gradient of the weight itself
  const Tensor length = sqrt(sum(square(v.detach()), {1}, true)), unit = v.detach() / length;
  const Tensor along = sum(dw * unit, {1}, true);
  EXPECT_TRUE(allclose(g.grad(), along, 1e-12));
  // What is left of dw across v, times g / |v|.
  EXPECT_TRUE(allclose(v.grad(), (dw - along * unit) * (g.detach() / length), 1e-9, 1e-12));
  // A changed length changes the output in proportion.
  const Tensor before = layer(x).detach();
  g.detach().mul_(3);
  EXPECT_TRUE(allclose(layer(x).detach(), before * 3, 1e-12));
}

TEST(WeightNorm, TakesDimensionsAndNone) {
  Conv2d conv(2, 3, {.kernel_size = 2});
  weight_norm(conv, "weight", 1);
  EXPECT_EQ(conv.state_dict().at("weight_g").shape(), (Shape{1, 2, 1, 1}));
  Conv2d whole(2, 3, {.kernel_size = 2});
  const Tensor x = rand({1, 2, 4, 4}), before = whole(x).detach();
  weight_norm(whole, "weight", std::nullopt);
  EXPECT_EQ(whole.state_dict().at("weight_g").shape(), Shape{});
  EXPECT_TRUE(allclose(whole(x).detach(), before, 1e-5, 1e-6));
}

TEST(WeightNorm, WorksInARecurrentLayer) {
  LSTM lstm(3, 4);
  const Tensor x = rand({5, 2, 3}), before = lstm(x).output.detach();
  weight_norm(lstm, "weight_hh_l0");
  LSTMResult r = lstm(x);
  EXPECT_TRUE(allclose(r.output.detach(), before, 1e-5, 1e-6));
  r.output.sum().backward();
  for (const auto& [name, p] : lstm.named_parameters()) EXPECT_TRUE(p.grad().defined()) << name;
}

TEST(WeightNorm, IsRemoved) {
  Linear layer(3, 2);
  weight_norm(layer);
  for (const Tensor& p : layer.parameters()) p.detach().mul_(2);
  const Tensor x = rand({4, 3}), before = layer(x).detach();
  remove_weight_norm(layer);
  EXPECT_EQ(layer.state_dict().keys(), (Names{"bias", "weight"}));
  EXPECT_TRUE(layer.weight.requires_grad() && layer.weight.is_leaf());
  EXPECT_TRUE(allclose(layer(x).detach(), before, 1e-5, 1e-6));
  layer(x).sum().backward();
  EXPECT_TRUE(layer.weight.grad().defined());
}

TEST(WeightNorm, MovesToAnotherDtype) {
  Linear layer(3, 2);
  weight_norm(layer);
  layer.to(kFloat64);
  EXPECT_EQ(layer(rand({4, 3}, {.dtype = kFloat64})).dtype(), kFloat64);
}

TEST(WeightNorm, RefusesWhatIsNotThere) {
  Linear layer(3, 2, {.bias = false});
  EXPECT_THROW(weight_norm(layer, "bias"), Error);
  EXPECT_THROW(weight_norm(layer, "weight", 2), Error);
  EXPECT_THROW(remove_weight_norm(layer), Error);
  weight_norm(layer);
  EXPECT_THROW(weight_norm(layer), Error);
}

}  // namespace
}  // namespace tessera::nn::utils
