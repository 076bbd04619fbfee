// SPDX-License-Identifier: Apache-2.0
//
// Each optimizer's options and state beyond its trajectory, which tests/goldens compares with
// PyTorch's.
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/random.h"

namespace tessera::optim {
namespace {

Tensor parameter(const Shape& shape = {2}, DType dtype = kFloat32) {
  return ones(shape, {.dtype = dtype}).requires_grad_();
}

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

#define EXPECT_REFUSED(statement, part)                          \
  do {                                                           \
    const std::string message = error_of([&] { statement; });    \
    EXPECT_NE(message.find(part), std::string::npos) << message; \
  } while (false)

TEST(Options, OutOfRange) {
  const Tensor a = parameter(), matrix = parameter({2, 2});
  const double nan = std::nan("");
  EXPECT_REFUSED(Adamax({a}, {.lr = -1}), "Adamax: lr is -1, not at least 0");
  EXPECT_REFUSED(Adamax({a}, {.betas = {0.9, 1}}), "betas.1 is 1, not in [0, 1)");
  EXPECT_REFUSED(NAdam({a}, {.momentum_decay = -1}), "NAdam: momentum_decay is -1");
  EXPECT_REFUSED(RAdam({a}, {.eps = nan}), "RAdam: eps is nan");
  EXPECT_REFUSED(RMSprop({a}, {.alpha = -1}), "RMSprop: alpha is -1");
  EXPECT_REFUSED(RMSprop({a}, {.momentum = -1}), "momentum is -1");
  EXPECT_REFUSED(Adagrad({a}, {.lr_decay = -1}), "Adagrad: lr_decay is -1");
  EXPECT_REFUSED(Adagrad({a}, {.initial_accumulator_value = -1}), "initial_accumulator_value");
  EXPECT_REFUSED(Adadelta({a}, {.rho = 1.5}), "Adadelta: rho is 1.5, not in [0, 1]");
  EXPECT_REFUSED(Adafactor({a}, {.beta2_decay = 1}), "Adafactor: beta2_decay is 1, above 0");
  EXPECT_REFUSED(Adafactor({a}, {.eps = {-1, 0}}), "eps.0 is -1");
  EXPECT_REFUSED(Adafactor({a}, {.d = 0.5}), "d is 0.5, not at least 1");
  EXPECT_REFUSED(Lion({a}, {.weight_decay = -1}), "Lion: weight_decay is -1");
  EXPECT_REFUSED(Muon({matrix}, {.ns_steps = 100}), "Muon: ns_steps is 100");
  EXPECT_REFUSED(Muon({matrix}, {.momentum = -1}), "momentum is -1");
  EXPECT_REFUSED(Muon({matrix, a}), "Muon: a parameter has shape [2], not of a matrix");
}

// One group with parameters of several dtypes, and two with their own options.
TEST(Options, GroupsAndDtypes) {
  const Tensor a = parameter(), b = parameter({3}, kFloat64), c = parameter({2}, kBFloat16);
  const Tensor d = parameter();
  Lion optimizer({{.params = {a, b, c}, .options = {.lr = 0.25}},
                  {.params = {d}, .options = {.lr = 0.5, .maximize = true}}});
  for (const Tensor& p : {a, b, c, d}) {
    Tensor(p).set_grad(ones_like(p.detach()));
  }
  optimizer.step();
  for (const Tensor& p : {a, b, c}) EXPECT_EQ(p[0].item<float>(), 0.75f);
  EXPECT_EQ(d[0].item<float>(), 1.5f);
}

TEST(Options, EmptyParameters) {
  const Tensor a = parameter({0, 3}), b = parameter({2, 3});
  const auto step = [&](Optimizer& optimizer) {
    for (const Tensor& p : {a, b}) Tensor(p).set_grad(ones_like(p.detach()));
    optimizer.step();
    EXPECT_TRUE(std::isfinite(b.detach().sum().item<float>()));
  };
  RMSprop rmsprop({a, b});
  step(rmsprop);
  Adafactor adafactor({a, b});
  step(adafactor);
  Muon muon({a, b});
  step(muon);
}

TEST(Options, SaveWhatTheyAre) {
  const Tensor a = parameter({2, 3});
  Adafactor adafactor({a}), bounded({a}, {.eps = {0.5, 1e-3}});
  EXPECT_FALSE(adafactor.state_dict().contains("param_groups.0.eps.0"));
  ASSERT_TRUE(adafactor.load_state_dict(bounded.state_dict()).ok());
  EXPECT_EQ(adafactor.options().eps.first, 0.5);
  ASSERT_TRUE(adafactor.load_state_dict(Adafactor({a}).state_dict()).ok());
  EXPECT_FALSE(adafactor.options().eps.first.has_value());

  Muon muon({a}, {.adjust_lr_fn = AdjustLrFn::kMatchRmsAdamw}), other({a});
  ASSERT_TRUE(other.load_state_dict(muon.state_dict()).ok());
  EXPECT_EQ(other.options().adjust_lr_fn, AdjustLrFn::kMatchRmsAdamw);
  StateDict bad = muon.state_dict();
  bad.set("param_groups.0.adjust_lr_fn", tensor<int64_t>({7}, Shape{}));
  EXPECT_EQ(other.load_state_dict(bad).code(), absl::StatusCode::kInvalidArgument);
}

// Rows and columns are checked against their own shapes.
TEST(Options, RefusesAFactorOfAnotherShape) {
  const Tensor a = parameter({2, 3});
  Adafactor optimizer({a});
  Tensor(a).set_grad(ones({2, 3}));
  optimizer.step();
  StateDict state = optimizer.state_dict();
  EXPECT_EQ(state.at("state.0.row_var").shape(), (Shape{2, 1}));
  EXPECT_EQ(state.at("state.0.col_var").shape(), (Shape{1, 3}));
  state.set("state.0.row_var", zeros({2, 3}));
  EXPECT_EQ(optimizer.load_state_dict(state).code(), absl::StatusCode::kInvalidArgument);
}

// One step from zero at rate 1 without momentum is the orthogonal matrix: its singular values, the
// roots of the eigenvalues of O O^T, are near 1, so that O O^T is near the identity.
TEST(Muon, StepsAreOrthogonal) {
  manual_seed(4);
  const Tensor a = zeros({3, 5}, {.requires_grad = true});
  Muon optimizer({a}, {.lr = 1, .weight_decay = 0, .momentum = 0});
  Tensor(a).set_grad(randn({3, 5}));
  optimizer.step();
  const Tensor product = a.detach().matmul(a.detach().t());
  // Five steps leave singular values between 0.68 and 1.13, whose squares differ from 1 by 0.54.
  EXPECT_TRUE(allclose(product, eye(3), 0, 0.6)) << product;
}

}  // namespace
}  // namespace tessera::optim
