// SPDX-License-Identifier: Apache-2.0
//
// Every optimizer in a compiled step.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tests/capture/training.h"

namespace tessera {
namespace {

using MakeOptimizer = std::function<std::unique_ptr<optim::Optimizer>(std::vector<Tensor>)>;

template <class Optimizer, class Options>
MakeOptimizer with(const Options& options) {
  return [options](std::vector<Tensor> params) {
    return std::make_unique<Optimizer>(std::move(params), options);
  };
}

struct Case {
  const char* name;
  MakeOptimizer make;
};

const std::vector<Case>& cases() {
  static const auto& all = *new std::vector<Case>{
      {"SGD", with<optim::SGD>(optim::SGDOptions{.lr = 0.1, .momentum = 0.9, .nesterov = true})},
      {"Adam", with<optim::Adam>(optim::AdamOptions{.lr = 0.01, .amsgrad = true})},
      {"AdamW", with<optim::AdamW>(optim::AdamWOptions{.lr = 0.01})},
      {"Adamax", with<optim::Adamax>(optim::AdamaxOptions{.lr = 0.01})},
      {"NAdam", with<optim::NAdam>(optim::NAdamOptions{.lr = 0.01})},
      {"RAdam", with<optim::RAdam>(optim::RAdamOptions{.lr = 0.01})},
      {"RMSprop",
       with<optim::RMSprop>(optim::RMSpropOptions{.lr = 0.01, .momentum = 0.5, .centered = true})},
      {"Adagrad", with<optim::Adagrad>(optim::AdagradOptions{.lr = 0.01})},
      {"Adadelta", with<optim::Adadelta>(optim::AdadeltaOptions{})},
      {"Adafactor", with<optim::Adafactor>(optim::AdafactorOptions{})},
      {"Lion", with<optim::Lion>(optim::LionOptions{.lr = 0.01})},
      {"Muon", with<optim::Muon>(optim::MuonOptions{.lr = 0.01})},
  };
  return all;
}

struct Training {
  explicit Training(const MakeOptimizer& make)
      : model(seeded()), optimizer(make(model.parameters())) {}

  static nn::Sequential seeded() {
    manual_seed(2);
    return nn::Sequential(nn::Linear(5, 7, {.bias = false}), nn::Tanh(),
                          nn::Linear(7, 3, {.bias = false}));
  }

  Tensor step(const Tensor& x, const Tensor& y) {
    optimizer->zero_grad();
    Tensor loss = nn::functional::cross_entropy(model(x), y);
    loss.backward();
    optimizer->step();
    return loss;
  }

  nn::Sequential model;
  std::unique_ptr<optim::Optimizer> optimizer;
};

class OptimizerTest : public ::testing::TestWithParam<Case> {};

TEST_P(OptimizerTest, StepsAsItDoesOutside) {
  Training eager(GetParam().make), recorded(GetParam().make);
  auto step =
      compile([&](const Tensor& x, const Tensor& y) { return recorded.step(x, y); }, kExact);
  manual_seed(9);
  for (int i = 0; i < 6; ++i) {
    const Tensor x = randn({8, 5}), y = randint(0, 3, {8});
    const Tensor loss = eager.step(x, y);
    EXPECT_TRUE(same_bits(step(x, y), loss.detach())) << "step " << i;
    if (i == 3) {
      eager.optimizer->set_lr(0.003);
      recorded.optimizer->set_lr(0.003);
    }
  }
  expect_same_bits(recorded.model.parameters(), eager.model.parameters());
  const nn::StateDict a = recorded.optimizer->state_dict(), b = eager.optimizer->state_dict();
  ASSERT_EQ(a.size(), b.size());
  for (const auto& key : a.keys()) EXPECT_TRUE(same_bits(*a.find(key), *b.find(key))) << key;
}

INSTANTIATE_TEST_SUITE_P(All, OptimizerTest, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(OptimizersTest, GradientsDroppedBeforeTheStepEndsAreKept) {
  auto train = [](bool compiled) {
    Training training(cases()[1].make);
    auto body = [&](const Tensor& x, const Tensor& y) {
      nn::functional::cross_entropy(training.model(x), y).backward();
      training.optimizer->step();
      training.optimizer->zero_grad();
    };
    auto step = compile(body, kExact);
    manual_seed(4);
    for (int i = 0; i < 4; ++i) {
      const Tensor x = randn({8, 5}), y = randint(0, 3, {8});
      compiled ? step(x, y) : body(x, y);
    }
    return training.model.parameters();
  };
  expect_same_bits(train(true), train(false));
}

TEST(OptimizersTest, LBFGSReadsValuesAndIsRefused) {
  nn::Linear model(2, 1);
  optim::LBFGS optimizer(model.parameters(), {});
  auto step = compile([&](const Tensor& x) {
    optimizer.step([&] {
      optimizer.zero_grad();
      Tensor loss = model(x).square().sum();
      loss.backward();
      return loss;
    });
  });
  EXPECT_THROW(step(ones({3, 2})), Error);
}

}  // namespace
}  // namespace tessera
