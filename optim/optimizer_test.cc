// SPDX-License-Identifier: Apache-2.0
//
// What optimizers have in common. Trajectories are compared with PyTorch's in tests/goldens.
#include "tessera/optim/optimizer.h"

#include <functional>
#include <limits>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::optim {
namespace {

Tensor parameter(double value, Shape shape = {2}) { return full(shape, value).requires_grad_(); }

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

TEST(Optimizer, TrainsASmallModel) {
  manual_seed(1);
  nn::Sequential model(nn::Linear(2, 16), nn::Tanh(), nn::Linear(16, 1));
  const Tensor x = tensor<float>({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  const Tensor y = tensor<float>({0, 1, 1, 0}, {4, 1});
  nn::BCEWithLogitsLoss loss_fn;
  Adam optimizer(model.parameters(), {.lr = 0.05});
  float loss = 0;
  for (int i = 0; i < 200; ++i) {
    optimizer.zero_grad();
    Tensor value = loss_fn(model(x), y);
    value.backward();
    optimizer.step();
    loss = value.item<float>();
  }
  EXPECT_LT(loss, 0.05f);
}

TEST(Optimizer, ParametersWithoutGradientStay) {
  Tensor a = parameter(1), b = parameter(1);
  SGD optimizer({a, b}, {.lr = 0.5});
  a.set_grad(ones({2}));
  optimizer.step();
  EXPECT_EQ(a.detach().to_vector<float>(), (std::vector<float>{0.5f, 0.5f}));
  EXPECT_EQ(b.detach().to_vector<float>(), (std::vector<float>{1, 1}));
}

TEST(Optimizer, GroupsHaveTheirOwnOptions) {
  Tensor a = parameter(1), b = parameter(1), c = parameter(1);
  SGD optimizer({{.params = {a}, .options = {.lr = 0.5}},
                 {.params = {b}, .options = {.lr = 0.25, .maximize = true}}});
  optimizer.add_param_group({.params = {c}, .options = {.lr = 1}});
  EXPECT_EQ(optimizer.num_groups(), 3u);
  for (Tensor p : {a, b, c}) p.set_grad(ones({2}));
  optimizer.step();
  EXPECT_EQ(a[0].item<float>(), 0.5f);
  EXPECT_EQ(b[0].item<float>(), 1.25f);
  EXPECT_EQ(c[0].item<float>(), 0);
  EXPECT_EQ(optimizer.lr(1), 0.25);
  optimizer.set_lr(0.125, 1);
  EXPECT_EQ(optimizer.options(1).lr, 0.125);
  EXPECT_EQ(*optimizer.find_option(1, "momentum"), 0);
  EXPECT_EQ(optimizer.find_option(1, "beta"), nullptr);
  EXPECT_THROW(optimizer.lr(3), Error);
  EXPECT_THROW(optimizer.set_lr(1, 3), Error);
}

TEST(Optimizer, ZeroGradDropsOrZeroes) {
  Tensor a = parameter(1);
  SGD optimizer({a});
  a.set_grad(ones({2}));
  optimizer.zero_grad(/*set_to_none=*/false);
  EXPECT_EQ(a.grad().abs().sum().item<float>(), 0);
  optimizer.zero_grad();
  EXPECT_FALSE(a.grad().defined());
}

TEST(Optimizer, ClosureIsCalledOnceBeforeTheStep) {
  Tensor a = parameter(1);
  SGD optimizer({a}, {.lr = 0.5});
  int calls = 0;
  Tensor loss = static_cast<Optimizer&>(optimizer).step([&] {
    ++calls;
    Tensor value = a.sum();
    value.backward();
    return value;
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(loss.item<float>(), 2);
  EXPECT_EQ(a[0].item<float>(), 0.5f);
}

TEST(Optimizer, MixesDTypes) {
  Tensor a = parameter(1), b = full({3}, 1.0, {.dtype = kFloat64}).requires_grad_();
  Adam optimizer({a, b}, {.lr = 0.5});
  for (int i = 0; i < 2; ++i) {
    a.set_grad(ones({2}));
    b.set_grad(ones({3}, {.dtype = kFloat64}));
    optimizer.step();
  }
  // Adam moves by lr in each of the first steps.
  EXPECT_NEAR(a[0].item<double>(), 0, 1e-5);
  EXPECT_NEAR(b[0].item<double>(), 0, 1e-7);
}

TEST(Optimizer, FollowsAModuleToAnotherDType) {
  nn::Linear model(2, 1);
  SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
  model(ones({1, 2})).sum().backward();
  optimizer.step();
  model.to(kFloat64);
  model(ones({1, 2}, {.dtype = kFloat64})).sum().backward();
  optimizer.step();
  EXPECT_EQ(optimizer.state_dict().at("state.0.momentum_buffer").dtype(), kFloat64);
}

TEST(Optimizer, RefusesWhatTheTapeStillNeeds) {
  Tensor a = parameter(2);
  SGD optimizer({a}, {.lr = 0.5});
  Tensor loss = a.square().sum();
  loss.backward({}, /*retain_graph=*/true);
  try {
    optimizer.step();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kFailedPrecondition) << error.what();
  }
  loss.backward();
  optimizer.step();
}

TEST(Optimizer, AStepThatFailedIsNoStep) {
  Tensor a = parameter(2), b = parameter(2);
  SGD optimizer({a}, {.lr = 0.5, .momentum = 0.5, .dampening = 0.5});
  Adam adam({b}, {.lr = 0.5});
  Tensor loss = a.square().sum() + b.square().sum();
  loss.backward({}, /*retain_graph=*/true);
  EXPECT_THROW(optimizer.step(), Error);  // the tape needs the values
  EXPECT_THROW(adam.step(), Error);
  EXPECT_EQ(optimizer.state_dict().size(), SGD({parameter(1)}).state_dict().size());
  loss = Tensor();
  optimizer.step();
  adam.step();
  // As in a first step: momentum is the gradient, not dampened; Adam moves by lr.
  EXPECT_EQ(a[0].item<float>(), 0);
  EXPECT_NEAR(b[0].item<float>(), 1.5, 1e-6);
  EXPECT_EQ(adam.state_dict().at("state.0.step").item<int64_t>(), 1);
}

TEST(Optimizer, RefusesBadParametersAndOptions) {
  Tensor a = parameter(1);
  EXPECT_TRUE(contains(error_of([] { SGD(std::vector<Tensor>{}); }), "without parameters"));
  EXPECT_TRUE(contains(error_of([&] { SGD({a, a}); }), "parameter 1 comes twice"));
  EXPECT_TRUE(contains(error_of([&] { SGD({{.params = {a}}, {.params = {a}}}); }), "comes twice"));
  EXPECT_TRUE(contains(error_of([&] { SGD({a * 2}); }), "computed from"));
  EXPECT_TRUE(contains(error_of([] { SGD({zeros({2}, {.dtype = kInt64})}); }), "int64"));
  EXPECT_TRUE(contains(error_of([] { SGD({Tensor()}); }), "undefined"));
  EXPECT_TRUE(contains(error_of([&] { SGD({a}, {.lr = -1}); }), "lr is -1"));
  EXPECT_TRUE(contains(error_of([&] { SGD({a}, {.momentum = -1}); }), "momentum"));
  EXPECT_TRUE(contains(error_of([&] { SGD({a}, {.nesterov = true}); }), "nesterov"));
  EXPECT_TRUE(contains(error_of([&] { Adam({a}, {.betas = {1, 0.9}}); }), "betas"));
  EXPECT_TRUE(contains(error_of([&] { Adam({a}, {.eps = -1}); }), "eps"));
  EXPECT_TRUE(contains(
      error_of([&] { AdamW({a}, {.weight_decay = std::numeric_limits<double>::quiet_NaN()}); }),
      "AdamW: weight_decay is nan"));
  EXPECT_EQ(AdamWOptions().weight_decay, 0.01);
  EXPECT_EQ(AdamOptions().weight_decay, 0);
}

// ---- saving and loading ----

TEST(OptimizerState, HasPyTorchsNames) {
  Tensor a = parameter(1), b = parameter(1), c = parameter(1);
  Adam optimizer({{.params = {a, b}}, {.params = {c}, .options = {.lr = 0.25}}});
  c.set_grad(ones({2}));
  optimizer.step();
  const StateDict state = optimizer.state_dict();
  EXPECT_EQ(state.at("state.2.step").item<int64_t>(), 1);
  EXPECT_EQ(state.at("state.2.exp_avg").shape(), Shape{2});
  EXPECT_TRUE(state.contains("state.2.exp_avg_sq"));
  EXPECT_FALSE(state.contains("state.0.step"));
  EXPECT_EQ(state.at("param_groups.1.lr").item<double>(), 0.25);
  EXPECT_EQ(state.at("param_groups.0.betas.1").item<double>(), 0.999);
}

TEST(OptimizerState, SurvivesAFile) {
  Tensor a = parameter(1), b = parameter(1);
  Adam first({a}, {.lr = 0.1, .amsgrad = true}), second({b});
  for (int i = 0; i < 3; ++i) {
    a.set_grad(full({2}, 1.0 + i));
    first.step();
  }
  auto bytes = nn::serialize_safetensors(first.state_dict());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  auto file = nn::parse_safetensors(*bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  absl::Status loaded = second.load_state_dict(file->tensors);
  ASSERT_TRUE(loaded.ok()) << loaded;
  EXPECT_TRUE(second.options().amsgrad);
  {
    NoGradGuard no_grad;
    b.copy_(a);
  }
  a.set_grad(ones({2}));
  b.set_grad(ones({2}));
  first.step();
  second.step();
  EXPECT_TRUE(equal(a.detach(), b.detach()));
}

TEST(OptimizerState, LoadingIsACopy) {
  Tensor a = parameter(1);
  SGD first({a}, {.lr = 0.1, .momentum = 0.9}), second({a}, {.lr = 0.1, .momentum = 0.9});
  a.set_grad(ones({2}));
  first.step();
  const StateDict state = first.state_dict();
  ASSERT_TRUE(second.load_state_dict(state).ok());
  second.step();
  EXPECT_EQ(state.at("state.0.momentum_buffer")[0].item<float>(), 1);
}

TEST(OptimizerState, RefusesWhatDoesNotFit) {
  Tensor a = parameter(1), b = parameter(1, {3});
  Adam optimizer({a}, {.lr = 0.1});
  a.set_grad(ones({2}));
  optimizer.step();
  const StateDict good = optimizer.state_dict();
  auto check = [&](const StateDict& bad, Optimizer& target) {
    absl::Status status = target.load_state_dict(bad);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_EQ(target.lr(), 0.1);
  };
  StateDict missing = good, extra = good, range = good, rank = good;
  missing.erase("param_groups.0.eps");
  check(missing, optimizer);
  extra.set("state.1.exp_avg", zeros({2}));
  check(extra, optimizer);
  range.set("param_groups.0.lr", tensor<double>({-3}, Shape{}));
  check(range, optimizer);
  rank.set("param_groups.0.lr", zeros({3}));
  check(rank, optimizer);
  Adam other({b}, {.lr = 0.1});
  check(good, other);
  SGD sgd({a}, {.lr = 0.1});
  check(good, sgd);
  EXPECT_TRUE(optimizer.load_state_dict(good).ok());
}

}  // namespace
}  // namespace tessera::optim
