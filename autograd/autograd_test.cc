// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/autograd.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tensor leaf(const std::vector<float>& values) { return tensor<float>(values).requires_grad_(); }

// The message of the Error that `f` throws; "" if it throws none.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Backward, GivesTheGradientOfEachLeaf) {
  Tensor x = leaf({1, 2, 3}), y = leaf({4, 5, 6});
  (x * y + x).sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(5, 6, 7));
  EXPECT_THAT(y.grad().to_vector<float>(), ElementsAre(1, 2, 3));
}

TEST(Backward, AddsToTheGradientThatIsThere) {
  Tensor x = leaf({1, 2});
  (x * 2).sum().backward();
  Tensor first = x.grad();
  (x * x).sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(4, 6));
  EXPECT_TRUE(first.is_same(x.grad())) << "added in place";
  x.set_grad({});
  (x * 3).sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(3, 3));
}

TEST(Backward, SumsOverAllUsesOfATensor) {
  Tensor x = leaf({2, 3});
  Tensor y = x * x;          // 2 uses of x
  Tensor z = y + y + y * x;  // 3 of y, 1 of x: 2 x^2 + x^3
  z.sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(4 * 2 + 3 * 4, 4 * 3 + 3 * 9));
}

TEST(Backward, TakesAGradientToBeginWith) {
  Tensor x = leaf({1, 2, 3});
  Tensor y = x * x;
  y.backward(tensor<float>({1, 10, 100}));
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(2, 40, 600));
}

TEST(Backward, OfALeafItself) {
  Tensor x = leaf({7});
  Tensor gradient = tensor<float>({5});
  x.backward(gradient);
  x.backward(gradient);
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(10));
  EXPECT_THAT(gradient.to_vector<float>(), ElementsAre(5)) << "not the leaf's to change";
}

TEST(Backward, TwoLeavesDoNotShareOneGradient) {
  Tensor x = leaf({1}), y = leaf({2});
  (x + y).sum().backward();
  x.grad().zero_();
  EXPECT_THAT(y.grad().to_vector<float>(), ElementsAre(1));
}

TEST(Backward, FromSeveralRoots) {
  Tensor x = leaf({1, 2});
  Tensor a = (x * 3).sum(), b = x * x;
  autograd::backward({a, b, a}, {Tensor(), tensor<float>({1, 1}), Tensor(2.0)});
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(3 + 2 + 6, 3 + 4 + 6));
}

TEST(Backward, LeavesWithoutRequiresGradGetNone) {
  Tensor x = leaf({1, 2}), constant = tensor<float>({3, 4});
  (x * constant).sum().backward();
  EXPECT_FALSE(constant.grad().defined());
  EXPECT_FALSE((constant * 2).requires_grad());
}

TEST(Backward, GoesThroughBroadcastsAndViews) {
  Tensor x = tensor<float>({1, 2, 3, 4, 5, 6}, {2, 3}).requires_grad_();
  Tensor row = leaf({10, 20, 30});
  (x.t() * row.unsqueeze(1)).select(1, 1).sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(0, 0, 0, 10, 20, 30));
  EXPECT_THAT(row.grad().to_vector<float>(), ElementsAre(4, 5, 6));
}

TEST(Backward, RefusesWhatRequiresNoGradient) {
  Tensor x = tensor<float>({1});
  EXPECT_THAT(error_of([&] { x.backward(); }), HasSubstr("does not require a gradient"));
}

TEST(Backward, WantsAGradientForManyElements) {
  Tensor y = leaf({1, 2}) * 2;
  EXPECT_THAT(error_of([&] { y.backward(); }),
              HasSubstr("this is [2] float32: reduce it, or give a gradient of its shape"));
}

TEST(Backward, WantsAGradientOfTheOutputsShapeAndDType) {
  Tensor y = leaf({1, 2}) * 2;
  EXPECT_THAT(error_of([&] {
                y.backward(tensor<float>({1, 2, 3}));
              }),
              HasSubstr("is [3] float32, its tensor is [2] float32"));
  EXPECT_THAT(error_of([&] {
                y.backward(tensor<double>({1, 2}));
              }),
              HasSubstr("is [2] float64, its tensor is [2] float32"));
  // The graph is whole.
  y.backward(tensor<float>({1, 1}));
}

TEST(Backward, RefusesAnotherNumberOfGradients) {
  Tensor y = (leaf({1}) * 2).sum();
  EXPECT_THAT(error_of([&] {
                autograd::backward({y, y}, {Tensor()});
              }),
              HasSubstr("1 gradients for 2 outputs"));
}

TEST(RetainGraph, SecondBackwardIsAnErrorWithout) {
  Tensor x = leaf({3});
  Tensor y = (x * x).sum();
  y.backward();
  EXPECT_THAT(error_of([&] { y.backward(); }),
              HasSubstr("what the gradient of this mul needs was freed by an earlier backward(); "
                        "call that one with retain_graph = true"));
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(6)) << "refused before anything was added";
}

TEST(RetainGraph, SecondBackwardAddsWith) {
  Tensor x = leaf({3});
  Tensor y = (x * x).sum();
  y.backward({}, /*retain_graph=*/true);
  y.backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(12));
}

TEST(RetainGraph, WhatKeepsNoValuesCanBeWalkedAgain) {
  Tensor w = tensor<float>({1, 2, 3, 4}, {2, 2}).requires_grad_();
  Tensor wt = w.t();  // once, outside of the loop
  for (int i = 0; i < 3; ++i) (wt * 2).sum().backward();
  EXPECT_THAT(w.grad().to_vector<float>(), ElementsAre(6, 6, 6, 6));
}

TEST(Grad, ReturnsGradientsInOrderAndLeavesGradAlone) {
  Tensor x = leaf({1, 2}), y = leaf({3, 4});
  Tensor z = (x * y).sum();
  std::vector<Tensor> gradients = autograd::grad({z}, {y, x, y});
  ASSERT_EQ(gradients.size(), 3u);
  EXPECT_THAT(gradients[0].to_vector<float>(), ElementsAre(1, 2));
  EXPECT_THAT(gradients[1].to_vector<float>(), ElementsAre(3, 4));
  EXPECT_THAT(gradients[2].to_vector<float>(), ElementsAre(1, 2));
  EXPECT_FALSE(x.grad().defined());
}

TEST(Grad, OfATensorThatIsNoLeaf) {
  Tensor x = leaf({1, 2});
  Tensor h = x * x;
  Tensor z = (h * h * x).sum();
  std::vector<Tensor> gradients = autograd::grad({z}, {h});
  EXPECT_THAT(gradients[0].to_vector<float>(), ElementsAre(2, 16));  // 2 h x
}

TEST(Grad, OfAnOutputWithRespectToItself) {
  Tensor y = leaf({1, 2}) * 3;
  Tensor gradient = tensor<float>({5, 7});
  EXPECT_THAT(autograd::grad({y}, {y}, {gradient})[0].to_vector<float>(), ElementsAre(5, 7));
}

TEST(Grad, FreesOnlyWhatItWalked) {
  Tensor x = leaf({1, 2});
  Tensor h = x * x;
  Tensor z = (h * h).sum();
  autograd::grad({z}, {h});
  // The upper half is freed, the lower is not.
  EXPECT_THAT(error_of([&] { autograd::grad({z}, {h}); }), HasSubstr("freed"));
  EXPECT_THAT(autograd::grad({h.sum()}, {x})[0].to_vector<float>(), ElementsAre(2, 4));
}

TEST(Grad, UnusedInputIsAnErrorUnlessAllowed) {
  Tensor x = leaf({1}), other = leaf({1, 2});
  Tensor y = (x * 2).sum();
  EXPECT_THAT(error_of([&] {
                autograd::grad({y}, {x, other}, {}, {.retain_graph = true});
              }),
              HasSubstr("no output depends on input 1 [2]"));
  std::vector<Tensor> gradients = autograd::grad({y}, {x, other}, {}, {.allow_unused = true});
  EXPECT_TRUE(gradients[0].defined());
  EXPECT_FALSE(gradients[1].defined());
}

TEST(Grad, InputWithoutRequiresGradIsAnError) {
  Tensor x = leaf({1}), constant = tensor<float>({1});
  Tensor y = (x * constant).sum();
  EXPECT_THAT(error_of([&] { autograd::grad({y}, {constant}); }),
              HasSubstr("input 0 [1] does not require a gradient"));
}

TEST(CreateGraph, GivesGradientsOfGradients) {
  Tensor x = leaf({2, 3});
  Tensor y = (x * x * x).sum();
  Tensor dx = autograd::grad({y}, {x}, {}, {.create_graph = true})[0];
  EXPECT_THAT(dx.to_vector<float>(), ElementsAre(12, 27));
  Tensor d2x = autograd::grad({dx.sum()}, {x}, {}, {.create_graph = true})[0];
  EXPECT_THAT(d2x.to_vector<float>(), ElementsAre(12, 18));
  Tensor d3x = autograd::grad({d2x.sum()}, {x})[0];
  EXPECT_THAT(d3x.to_vector<float>(), ElementsAre(6, 6));
}

TEST(CreateGraph, GoesThroughSavedOutputs) {
  Tensor x = tensor<double>({0.5, -1.0}).requires_grad_();
  Tensor y = x.exp().sum();  // exp keeps its output
  Tensor dx = autograd::grad({y}, {x}, {}, {.create_graph = true})[0];
  EXPECT_TRUE(dx.requires_grad());
  Tensor d2x = autograd::grad({dx.sum()}, {x})[0];
  EXPECT_DOUBLE_EQ(d2x.to_vector<double>()[0], std::exp(0.5));
  EXPECT_DOUBLE_EQ(d2x.to_vector<double>()[1], std::exp(-1.0));
}

TEST(CreateGraph, BackwardAccumulatesDifferentiableGradients) {
  Tensor x = leaf({2});
  (x * x * x).sum().backward({}, false, /*create_graph=*/true);
  ASSERT_TRUE(x.grad().requires_grad());
  Tensor penalty = (x.grad() * x.grad()).sum();  // 9 x^4
  EXPECT_THAT(autograd::grad({penalty}, {x})[0].to_vector<float>(), ElementsAre(36 * 8));
  x.set_grad({});
}

TEST(CreateGraph, GradientsRequireNoneWithoutIt) {
  Tensor x = leaf({2});
  (x * x).sum().backward();
  EXPECT_FALSE(x.grad().requires_grad());
}

TEST(GradFnName, NamesTheOp) {
  Tensor x = leaf({1, 2});
  EXPECT_EQ(autograd::grad_fn_name(x), "");
  EXPECT_EQ(autograd::grad_fn_name(x * x), "mul");
  EXPECT_EQ(autograd::grad_fn_name((x * x).detach()), "");
}

}  // namespace
}  // namespace tessera
