// SPDX-License-Identifier: Apache-2.0
//
// What losses refuse, and what is said of them beyond PyTorch. Values and gradients are compared in
// tests/goldens.
#include "tessera/nn/loss.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/random.h"

namespace tessera::nn {
namespace {

namespace F = functional;

// The code and message of what f throws.
template <class Function>
std::string error_of(Function&& f) {
  try {
    f();
  } catch (const Error& error) {
    return absl::StrCat(absl::StatusCodeToString(error.code()), ": ", error.what());
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Loss, EmptyInputs) {
  const Tensor none = zeros({0, 3}), no_class = zeros({0}, {.dtype = kInt64});
  EXPECT_TRUE(std::isnan(F::mse_loss(none, none).item<float>()));
  EXPECT_EQ(F::mse_loss(none, none, {.reduction = kSum}).item<float>(), 0);
  EXPECT_EQ(F::multi_margin_loss(none, no_class, {.reduction = kNone}).shape(), Shape{0});
  EXPECT_EQ(F::multilabel_margin_loss(none, zeros({0, 3}, {.dtype = kInt64}), {.reduction = kSum})
                .item<float>(),
            0);
  EXPECT_EQ(F::triplet_margin_loss(none, none, none, {.reduction = kNone}).shape(), Shape{0});
  EXPECT_TRUE(std::isnan(F::cross_entropy(none, no_class).item<float>()));
}

// PyTorch overflows to infinity here.
TEST(Loss, SoftMarginOfALargeInput) {
  const Tensor x = tensor<float>({-1000, 1000}), y = tensor<float>({1, 1});
  const Tensor losses = F::soft_margin_loss(x, y, {.reduction = kNone});
  EXPECT_EQ(losses[0].item<float>(), 1000);
  EXPECT_EQ(losses[1].item<float>(), 0);
}

TEST(Loss, KlDivOfAZeroTarget) {
  const Tensor x = tensor<float>({-1, -2}), y = tensor<float>({0, 1});
  const Tensor losses = F::kl_div(x, y, {.reduction = kNone});
  EXPECT_EQ(losses[0].item<float>(), 0);
  EXPECT_EQ(losses[1].item<float>(), 2);
}

TEST(Loss, TripletWithADistanceOfOnesOwn) {
  TripletMarginWithDistanceLoss loss(
      {.distance_function = [](const Tensor& a, const Tensor& b) { return (a - b).abs().sum(-1); },
       .margin = 2});
  const Tensor a = tensor<float>({0, 0}), p = tensor<float>({1, 0}), n = tensor<float>({0, 2});
  EXPECT_EQ(loss(a, p, n).item<float>(), 1);
}

TEST(Loss, WeightsMoveWithTheModule) {
  MultiMarginLoss loss({.weight = ones({3})});
  EXPECT_TRUE(loss.state_dict().contains("weight"));
  loss.to(kFloat64);
  const Tensor x = zeros({1, 3}, {.dtype = kFloat64});
  EXPECT_EQ(loss(x, zeros({1}, {.dtype = kInt64})).dtype(), kFloat64);
}

TEST(Loss, RefusesShapesAndOptions) {
  const Tensor a = zeros({2, 3}), b = zeros({3}), classes = zeros({2}, {.dtype = kInt64});
  for (const std::string& message :
       {error_of([&] { F::kl_div(a, b); }), error_of([&] { F::poisson_nll_loss(a, b); }),
        error_of([&] { F::gaussian_nll_loss(a, b, a); }),
        error_of([&] { F::gaussian_nll_loss(a, a, zeros({5})); }), error_of([&] {
          F::gaussian_nll_loss(a, a, zeros({1, 1}));
        }),
        error_of([&] { F::margin_ranking_loss(a, a, b); }),
        error_of([&] { F::hinge_embedding_loss(a, b); }),
        error_of([&] { F::cosine_embedding_loss(a, a, b); }),
        error_of([&] { F::soft_margin_loss(a, b); }),
        error_of([&] { F::multi_margin_loss(a, zeros({3}, {.dtype = kInt64})); }),
        error_of([&] { F::multi_margin_loss(a, classes, {.weight = zeros({2})}); }),
        error_of([&] { F::multilabel_margin_loss(a, classes); }),
        error_of([&] { F::multilabel_soft_margin_loss(a, b); }),
        error_of([&] { F::triplet_margin_loss(a, a, b); })}) {
    EXPECT_TRUE(has(message, "INVALID_ARGUMENT")) << message;
    EXPECT_TRUE(has(message, "[2, 3]") || has(message, "[2]")) << message;
  }
  EXPECT_TRUE(has(error_of([&] { F::multi_margin_loss(a, classes, {.p = 3}); }), "p is 3"));
  EXPECT_TRUE(has(error_of([&] { F::multi_margin_loss(a, zeros({2})); }), "target is float32"));
  EXPECT_TRUE(
      has(error_of([&] { F::triplet_margin_loss(a, a, a, {.margin = 0}); }), "margin is 0"));
  EXPECT_TRUE(has(error_of([&] { F::gaussian_nll_loss(a, a, a - 1); }), "negative"));
  EXPECT_TRUE(
      has(error_of([&] { F::multi_margin_loss(a, classes + 3).item<float>(); }), "OUT_OF_RANGE"));
}

// ---- CTC ----

struct CtcBatch {
  Tensor log_probs = randn({5, 2, 4}, {.dtype = kFloat64}).log_softmax(2);
  Tensor targets = tensor<int64_t>({1, 2, 3, 3}, {2, 2});
  Tensor inputs = tensor<int64_t>({5, 4}), lengths = tensor<int64_t>({2, 2});
};

// By PyTorch's gradient, that of the scores before a log_softmax is right.
TEST(Ctc, GradientOfScores) {
  const CtcBatch batch;
  const Tensor scores = randn({5, 2, 4}, {.dtype = kFloat64});
  absl::Status checked = gradcheck(
      [&](const Tensor& x) {
        return F::ctc_loss(x.log_softmax(2), batch.targets, batch.inputs, batch.lengths);
      },
      scores);
  EXPECT_TRUE(checked.ok()) << checked;
}

// All alignments of one label in two steps: (1 1), (1 blank), (blank 1).
TEST(Ctc, ByHand) {
  const Tensor p = tensor<double>({0.6, 0.4, 0.3, 0.7}, {2, 2});
  const Tensor loss = F::ctc_loss(p.log(), tensor<int64_t>({1}), tensor<int64_t>({2}, Shape{}),
                                  tensor<int64_t>({1}, Shape{}), {.reduction = kNone});
  EXPECT_EQ(loss.shape(), Shape{});
  EXPECT_NEAR(loss.item<double>(), -std::log(0.4 * 0.7 + 0.4 * 0.3 + 0.6 * 0.7), 1e-14);
}

// Its probability is below what float32 holds.
TEST(Ctc, ManySteps) {
  const Tensor log_probs = zeros({500, 1, 30}).log_softmax(2);
  const Tensor targets = remainder(arange(100), 29).reshape({1, 100}) + 1;
  const Tensor loss = F::ctc_loss(log_probs, targets, tensor<int64_t>({500}),
                                  tensor<int64_t>({100}), {.reduction = kNone});
  const float value = loss[0].item<float>();
  EXPECT_TRUE(std::isfinite(value) && value > 1000) << value;
}

TEST(Ctc, RefusesWhatDoesNotFit) {
  const CtcBatch b;
  auto error = [&](const Tensor& log_probs, const Tensor& targets, const Tensor& inputs,
                   const Tensor& lengths, const CTCLossOptions& options = {}) {
    return error_of([&] { F::ctc_loss(log_probs, targets, inputs, lengths, options); });
  };
  EXPECT_EQ(error(b.log_probs, b.targets, b.inputs, b.lengths), "");
  EXPECT_TRUE(has(error(b.log_probs[0][0], b.targets, b.inputs, b.lengths), "log_probs"));
  EXPECT_TRUE(has(error(b.log_probs, b.targets, b.inputs + 1, b.lengths), "input_lengths has 6"));
  EXPECT_TRUE(has(error(b.log_probs, b.targets, b.inputs, b.lengths + 1), "target_lengths has 3"));
  EXPECT_TRUE(has(error(b.log_probs, b.targets, b.inputs[0], b.lengths), "input_lengths"));
  EXPECT_TRUE(has(error(b.log_probs, b.targets.reshape({4}), b.inputs, b.lengths - 1), "2 labels"));
  EXPECT_TRUE(has(error(b.log_probs, b.targets.to(kFloat32), b.inputs, b.lengths), "float32"));
  EXPECT_TRUE(has(error(b.log_probs, b.targets, b.inputs, b.lengths, {.blank = 4}), "blank is 4"));
  EXPECT_TRUE(has(error(b.log_probs, b.targets + 1, b.inputs, b.lengths), "OUT_OF_RANGE"));
}

}  // namespace
}  // namespace tessera::nn
