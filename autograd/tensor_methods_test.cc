// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tensor leaf(const std::vector<float>& values) { return tensor<float>(values).requires_grad_(); }

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RequiresGrad, CanBeTurnedOnAndOffOnLeaves) {
  Tensor x = tensor<float>({1, 2});
  EXPECT_FALSE(x.requires_grad());
  EXPECT_TRUE(x.requires_grad_().requires_grad());
  EXPECT_TRUE((x * 2).requires_grad());
  x.requires_grad_(false);
  EXPECT_FALSE((x * 2).requires_grad());
}

TEST(RequiresGrad, AsAnOption) {
  Tensor x = ones({2}, {.requires_grad = true});
  EXPECT_TRUE(x.is_leaf());
  (x * 3).sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(3, 3));
}

TEST(RequiresGrad, WantsFloatingPoint) {
  Tensor x = tensor<int64_t>({1, 2});
  EXPECT_THAT(error_of([&] { x.requires_grad_(); }),
              HasSubstr("only floating point tensors have gradients, not int64"));
  EXPECT_THAT(error_of([&] { Tensor(1.5).requires_grad_(); }), HasSubstr("not a C++ number"));
}

TEST(RequiresGrad, CanNotBeTurnedOffOnAComputedTensor) {
  Tensor y = leaf({1}) * 2;
  EXPECT_THAT(error_of([&] { y.requires_grad_(false); }),
              HasSubstr("was computed by mul from one that requires a gradient; use detach()"));
}

TEST(RequiresGrad, IntegerResultsDoNotRequireOne) {
  Tensor x = leaf({3, 1, 2});
  auto [values, indices] = x.sort();
  EXPECT_TRUE(values.requires_grad());
  EXPECT_FALSE(indices.requires_grad());
  EXPECT_FALSE(x.gt(1).requires_grad());
}

TEST(IsLeaf, IsWhatNoOpOnTheTapeMade) {
  Tensor x = leaf({1}), constant = tensor<float>({1});
  EXPECT_TRUE(x.is_leaf());
  EXPECT_TRUE((constant * 2).is_leaf());
  EXPECT_FALSE((x * 2).is_leaf());
  EXPECT_TRUE((x * 2).detach().is_leaf());
}

TEST(Detach, SharesValuesButNoGradient) {
  Tensor x = leaf({1, 2});
  Tensor cut = x.detach();
  EXPECT_FALSE(cut.requires_grad());
  cut.fill_(7);
  EXPECT_THAT(x.to_vector<float>(), ElementsAre(7, 7));
  (x * x.detach()).sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(7, 7));
}

TEST(SetGrad, ChecksShapeAndDType) {
  Tensor x = leaf({1, 2});
  EXPECT_THAT(error_of([&] { x.set_grad(tensor<float>({1})); }),
              HasSubstr("the gradient is [1] float32, the tensor is [2] float32"));
  EXPECT_THAT(error_of([&] { x.set_grad(tensor<double>({1, 2})); }), HasSubstr("float64"));
  x.set_grad(tensor<float>({3, 4}));
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(3, 4));
}

TEST(RegisterHook, SeesTheWholeGradientOfALeafOnce) {
  Tensor x = leaf({1, 2});
  std::vector<std::vector<float>> seen;
  x.register_hook([&](const Tensor& g) {
    seen.push_back(g.to_vector<float>());
    return Tensor();
  });
  (x * 2 + x * x).sum().backward();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_THAT(seen[0], ElementsAre(4, 6));
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(4, 6));
}

TEST(RegisterHook, MayReturnAnotherGradient) {
  Tensor x = leaf({1, 2});
  x.register_hook([](const Tensor& g) { return g * 10; });
  x.register_hook([](const Tensor& g) { return g + 1; });
  (x * 2).sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(21, 21)) << "in order of registration";
}

TEST(RegisterHook, OnAComputedTensorOutlivesIt) {
  Tensor x = leaf({1, 2});
  Tensor z;
  {
    Tensor h = x * 3;
    h.register_hook([](const Tensor& g) { return g * 10; });
    z = (h + h).sum();
  }
  z.backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(60, 60));
}

TEST(RegisterHook, ChecksWhatIsReturned) {
  Tensor x = leaf({1, 2});
  x.register_hook([](const Tensor& g) { return g.sum(); });
  Tensor y = (x * 2).sum();
  EXPECT_THAT(error_of([&] { y.backward(); }),
              HasSubstr("the gradient from a hook is [] float32, its tensor is [2] float32"));
}

TEST(RegisterHook, IsRefusedWhereNoGradientWillCome) {
  Tensor x = tensor<float>({1});
  EXPECT_THAT(error_of([&] { x.register_hook([](const Tensor& g) { return g; }); }),
              HasSubstr("does not require a gradient"));
}

TEST(RegisterHook, AppliesToCapturedGradients) {
  Tensor x = leaf({1, 2});
  Tensor h = x * 3;
  h.register_hook([](const Tensor& g) { return g * 2; });
  std::vector<Tensor> gradients = autograd::grad({h.sum()}, {h, x});
  EXPECT_THAT(gradients[0].to_vector<float>(), ElementsAre(2, 2));
  EXPECT_THAT(gradients[1].to_vector<float>(), ElementsAre(6, 6));
}

TEST(RegisterHook, MayRunABackwardOfItsOwn) {
  Tensor x = leaf({1}), other = leaf({5});
  x.register_hook([&](const Tensor& g) {
    (other * other).sum().backward();  // grad mode is off in here
    return g;
  });
  Tensor y = (x * 2).sum();
  EXPECT_THAT(error_of([&] { y.backward(); }), HasSubstr("with grad mode on"));
}

}  // namespace
}  // namespace tessera
