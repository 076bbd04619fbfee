// SPDX-License-Identifier: Apache-2.0
//
// Losses of distributions, margins, triplets and alignments against PyTorch: values and gradients,
// through functions and modules.
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/nn/functional_loss.h"
#include "tessera/nn/loss.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

namespace F = nn::functional;

Reduction reduction_of(const GoldenCase& golden) {
  const std::string name = golden.text("reduction", "mean");
  return name == "none" ? nn::kNone : name == "sum" ? nn::kSum : nn::kMean;
}

nn::KLDivLossOptions kl_div(const GoldenCase& g) {
  const bool batch = g.text("reduction") == "batchmean";
  return {.reduction = batch ? nn::kBatchMean : nn::KLDivReduction(reduction_of(g)),
          .log_target = g.flag("log_target")};
}
nn::PoissonNLLLossOptions poisson(const GoldenCase& g) {
  return {.log_input = g.flag("log_input", true),
          .full = g.flag("full"),
          .eps = g.number("eps", 1e-8),
          .reduction = reduction_of(g)};
}
nn::GaussianNLLLossOptions gaussian(const GoldenCase& g) {
  return {.full = g.flag("full"), .eps = g.number("eps", 1e-6), .reduction = reduction_of(g)};
}
template <class Options>
Options margin(const GoldenCase& g) {
  Options options;
  options.margin = g.number("margin", options.margin);
  options.reduction = reduction_of(g);
  return options;
}
nn::LossOptions plain(const GoldenCase& g) { return {.reduction = reduction_of(g)}; }
nn::MultiMarginLossOptions multi_margin(const GoldenCase& g) {
  return {.p = g.integer("p", 1),
          .margin = g.number("margin", 1),
          .weight = g.optional_tensor("weight"),
          .reduction = reduction_of(g)};
}
nn::MultiLabelSoftMarginLossOptions multilabel_soft_margin(const GoldenCase& g) {
  return {.weight = g.optional_tensor("weight"), .reduction = reduction_of(g)};
}
nn::TripletMarginLossOptions triplet(const GoldenCase& g) {
  return {.margin = g.number("margin", 1),
          .p = g.number("p", 2),
          .swap = g.flag("swap"),
          .reduction = reduction_of(g)};
}
nn::TripletMarginWithDistanceLossOptions triplet_with_distance(const GoldenCase& g) {
  return {.swap = g.flag("swap"), .reduction = reduction_of(g)};
}
nn::CTCLossOptions ctc(const GoldenCase& g) {
  return {.blank = g.integer("blank", 0),
          .reduction = reduction_of(g),
          .zero_infinity = g.flag("zero_infinity")};
}

using LossFunction = std::function<Tensor(const GoldenCase&, const std::vector<Tensor>&)>;

// A function of `n` tensors and options, and the module that calls it.
template <size_t n, class Module, class Function, class MakeOptions>
std::pair<LossFunction, LossFunction> both(Function function, MakeOptions make_options) {
  auto call = [](auto& callee, const std::vector<Tensor>& x, const auto&... options) {
    return [&]<size_t... i>(std::index_sequence<i...>) { return callee(x[i]..., options...); }
    (std::make_index_sequence<n>());
  };
  return {[=](const GoldenCase& g, const std::vector<Tensor>& x) {
            return call(function, x, make_options(g));
          },
          [=](const GoldenCase& g, const std::vector<Tensor>& x) {
            Module module(make_options(g));
            return call(module, x);
          }};
}

const std::map<std::string, std::pair<LossFunction, LossFunction>>& losses() {
  static const auto* const kTable =
      new std::map<std::string, std::pair<LossFunction, LossFunction>>{
          {"kl_div", both<2, nn::KLDivLoss>(F::kl_div, kl_div)},
          {"poisson_nll_loss", both<2, nn::PoissonNLLLoss>(F::poisson_nll_loss, poisson)},
          {"gaussian_nll_loss", both<3, nn::GaussianNLLLoss>(F::gaussian_nll_loss, gaussian)},
          {"margin_ranking_loss",
           both<3, nn::MarginRankingLoss>(F::margin_ranking_loss,
                                          margin<nn::MarginRankingLossOptions>)},
          {"hinge_embedding_loss",
           both<2, nn::HingeEmbeddingLoss>(F::hinge_embedding_loss,
                                           margin<nn::HingeEmbeddingLossOptions>)},
          {"cosine_embedding_loss",
           both<3, nn::CosineEmbeddingLoss>(F::cosine_embedding_loss,
                                            margin<nn::CosineEmbeddingLossOptions>)},
          {"soft_margin_loss", both<2, nn::SoftMarginLoss>(F::soft_margin_loss, plain)},
          {"multi_margin_loss", both<2, nn::MultiMarginLoss>(F::multi_margin_loss, multi_margin)},
          {"multilabel_margin_loss",
           both<2, nn::MultiLabelMarginLoss>(F::multilabel_margin_loss, plain)},
          {"multilabel_soft_margin_loss",
           both<2, nn::MultiLabelSoftMarginLoss>(F::multilabel_soft_margin_loss,
                                                 multilabel_soft_margin)},
          {"triplet_margin_loss", both<3, nn::TripletMarginLoss>(F::triplet_margin_loss, triplet)},
          {"triplet_margin_with_distance_loss",
           both<3, nn::TripletMarginWithDistanceLoss>(F::triplet_margin_with_distance_loss,
                                                      triplet_with_distance)},
          {"ctc_loss", both<4, nn::CTCLoss>(F::ctc_loss, ctc)},
      };
  return *kTable;
}

void check(const GoldenCase& golden, const LossFunction& loss_function) {
  std::vector<Tensor> inputs;
  for (int i = 0; golden.has(absl::StrCat("x", i)); ++i) {
    inputs.push_back(golden.tensor(absl::StrCat("x", i)).clone());
    if (golden.has(absl::StrCat("grad", i))) inputs.back().requires_grad_();
  }
  // Gradients of ctc_loss are differences of products of some hundred probabilities.
  const double tolerance = golden.name == "ctc_loss/long" ? 1e-10 : 1e-12;
  const Tensor loss = loss_function(golden, inputs);
  expect_close(loss, golden.tensor("loss"), tolerance);
  Tensor(loss).backward(golden.tensor("grad_loss"));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::string key = absl::StrCat("grad", i);
    if (!golden.has(key)) continue;
    SCOPED_TRACE(key);
    // 1 / var is 1e6 where the variance is at its bound, and its square part of the gradient.
    const bool is_variance = golden.name.find("gaussian") == 0 && i == 2;
    expect_close(inputs[i].grad(), golden.tensor(key), is_variance ? 1e-9 : tolerance);
  }
}

class MarginLossGoldens : public testing::TestWithParam<const char*> {};

TEST_P(MarginLossGoldens, ValueAndGradients) {
  const auto& [function, module] = losses().at(GetParam());
  for (const GoldenCase& golden : load_goldens("margin_losses", std::string(GetParam()) + "/")) {
    SCOPED_TRACE(golden.name);
    check(golden, function);
    check(golden, module);
  }
}

INSTANTIATE_TEST_SUITE_P(All, MarginLossGoldens,
                         testing::Values("kl_div", "poisson_nll_loss", "gaussian_nll_loss",
                                         "margin_ranking_loss", "hinge_embedding_loss",
                                         "cosine_embedding_loss", "soft_margin_loss",
                                         "multi_margin_loss", "multilabel_margin_loss",
                                         "multilabel_soft_margin_loss", "triplet_margin_loss",
                                         "triplet_margin_with_distance_loss", "ctc_loss"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace tessera::goldens
