// SPDX-License-Identifier: Apache-2.0
//
// Losses against PyTorch: values and gradients of every option.
#include <functional>
#include <map>

#include "gtest/gtest.h"
#include "tessera/nn/functional_loss.h"
#include "tessera/nn/loss.h"
#include "tessera/tests/goldens/compiled.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

namespace F = nn::functional;

Reduction reduction_of(const GoldenCase& golden) {
  const std::string name = golden.text("reduction", "mean");
  return name == "none" ? nn::kNone : name == "sum" ? nn::kSum : nn::kMean;
}

using LossFunction = std::function<Tensor(const GoldenCase&, const Tensor&, const Tensor&)>;

// The function, and the same through the module.
const std::map<std::string, std::pair<LossFunction, LossFunction>>& losses() {
  static const auto* const table = [] {
    auto cross_entropy = [](const GoldenCase& g) {
      return nn::CrossEntropyLossOptions{.weight = g.optional_tensor("weight"),
                                         .ignore_index = g.integer("ignore_index", -100),
                                         .reduction = reduction_of(g),
                                         .label_smoothing = g.number("label_smoothing", 0)};
    };
    auto nll = [](const GoldenCase& g) {
      return nn::NLLLossOptions{.weight = g.optional_tensor("weight"),
                                .ignore_index = g.integer("ignore_index", -100),
                                .reduction = reduction_of(g)};
    };
    auto plain = [](const GoldenCase& g) { return nn::LossOptions{.reduction = reduction_of(g)}; };
    auto smooth_l1 = [](const GoldenCase& g) {
      return nn::SmoothL1LossOptions{.reduction = reduction_of(g), .beta = g.number("beta", 1)};
    };
    auto huber = [](const GoldenCase& g) {
      return nn::HuberLossOptions{.reduction = reduction_of(g), .delta = g.number("delta", 1)};
    };
    auto bce = [](const GoldenCase& g) {
      return nn::BCELossOptions{.weight = g.optional_tensor("weight"),
                                .reduction = reduction_of(g)};
    };
    auto logits = [](const GoldenCase& g) {
      return nn::BCEWithLogitsLossOptions{.weight = g.optional_tensor("weight"),
                                          .reduction = reduction_of(g),
                                          .pos_weight = g.optional_tensor("pos_weight")};
    };
    auto both = [](auto function, auto make_module, auto options) {
      return std::pair<LossFunction, LossFunction>(
          [=](const GoldenCase& g, const Tensor& x, const Tensor& y) {
            return function(x, y, options(g));
          },
          [=](const GoldenCase& g, const Tensor& x, const Tensor& y) {
            auto module = make_module(options(g));
            return module(x, y);
          });
    };
    return new std::map<std::string, std::pair<LossFunction, LossFunction>>{
        {"cross_entropy",
         both(
             F::cross_entropy, [](const auto& o) { return nn::CrossEntropyLoss(o); },
             cross_entropy)},
        {"nll_loss", both(
                         F::nll_loss, [](const auto& o) { return nn::NLLLoss(o); }, nll)},
        {"mse_loss", both(
                         F::mse_loss, [](const auto& o) { return nn::MSELoss(o); }, plain)},
        {"l1_loss", both(
                        F::l1_loss, [](const auto& o) { return nn::L1Loss(o); }, plain)},
        {"smooth_l1_loss",
         both(
             F::smooth_l1_loss, [](const auto& o) { return nn::SmoothL1Loss(o); }, smooth_l1)},
        {"huber_loss", both(
                           F::huber_loss, [](const auto& o) { return nn::HuberLoss(o); }, huber)},
        {"binary_cross_entropy",
         both(
             F::binary_cross_entropy, [](const auto& o) { return nn::BCELoss(o); }, bce)},
        {"bce_with_logits", both(
                                F::binary_cross_entropy_with_logits,
                                [](const auto& o) { return nn::BCEWithLogitsLoss(o); }, logits)},
    };
  }();
  return *table;
}

void check(const GoldenCase& golden, const LossFunction& loss_function) {
  const bool is_float32 = golden.tensor("input").dtype() == kFloat32;
  // float32: sums of some ten terms that are each off by an ulp or two (6e-8).
  // At the ends PyTorch divides by 1e-12 rounded to float32.
  const bool at_ends = golden.name.find("/ends") != golden.name.npos;
  const double tolerance = is_float32 ? 2e-6 : at_ends ? 5e-9 : 1e-12;
  Tensor input = golden.tensor("input").clone().requires_grad_();
  Tensor target = golden.tensor("target").clone();
  if (golden.has("grad_target")) target.requires_grad_();
  Tensor loss = loss_function(golden, input, target);
  expect_close(loss, golden.tensor("loss"), tolerance);
  loss.backward(golden.tensor("grad_loss"));
  expect_close(input.grad(), golden.tensor("grad_input"), tolerance);
  if (golden.has("grad_target")) {
    expect_close(target.grad(), golden.tensor("grad_target"), tolerance);
  }
  std::vector<Tensor> leaves = {input};
  if (target.requires_grad()) leaves.push_back(target);
  expect_same_compiled([&] { return loss_function(golden, input, target); }, leaves);
}

class LossGoldens : public testing::TestWithParam<const char*> {};

TEST_P(LossGoldens, ValueAndGradients) {
  const auto& [function, module] = losses().at(GetParam());
  for (const GoldenCase& golden : load_goldens("losses", std::string(GetParam()) + "/")) {
    SCOPED_TRACE(golden.name);
    check(golden, function);
    check(golden, module);
  }
}

INSTANTIATE_TEST_SUITE_P(All, LossGoldens,
                         testing::Values("cross_entropy", "nll_loss", "mse_loss", "l1_loss",
                                         "smooth_l1_loss", "huber_loss", "binary_cross_entropy",
                                         "bce_with_logits"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace tessera::goldens
