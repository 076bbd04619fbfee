// SPDX-License-Identifier: Apache-2.0
//
// Results that take over the memory of an input, and values that must not be lost by it.
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/autograd/checkpoint.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using Floats = std::vector<float>;

const void* place(const Tensor& x) { return x.impl().storage->buffer().data(); }

Floats values(const Tensor& x) { return x.to_vector<float>(); }

TEST(Reuse, WritesOverATensorThatIsGivenUp) {
  Tensor x = tensor<float>({-1, 2, -3});
  const void* memory = place(x);
  Tensor y = relu(std::move(x));
  EXPECT_FALSE(x.defined());
  EXPECT_EQ(place(y), memory);
  EXPECT_EQ(values(y), (Floats{0, 2, 0}));
}

TEST(Reuse, LeavesWhatAnotherOwnerSees) {
  Tensor x = tensor<float>({-1, 2, -3});
  Tensor same = x, view = tensor<float>({-4, 5}), part = view[1];
  Tensor y = relu(std::move(x)), z = relu(std::move(view));
  EXPECT_EQ(values(same), (Floats{-1, 2, -3}));
  EXPECT_EQ(values(y), (Floats{0, 2, 0}));
  EXPECT_NE(place(z), place(part));
  EXPECT_EQ(part.item<float>(), 5);
}

TEST(Reuse, LeavesAnotherShapeOrDtypeAlone) {
  EXPECT_EQ(values(sigmoid(tensor<int64_t>({0}))), (Floats{0.5f}));
  Tensor row = tensor<float>({1, 2, 3, 4}, {2, 2}).t();
  EXPECT_EQ(values(relu(std::move(row))), (Floats{1, 3, 2, 4}));
  EXPECT_EQ(relu(-2.0).item<float>(), 0);
}

TEST(Reuse, LeavesWhatAGradientReads) {
  // exp keeps its output; relu(exp(x)) must not write over it.
  Tensor x = tensor<float>({-1, 0.5f, 2}).requires_grad_();
  Tensor e = exp(x);
  const void* memory = place(e);
  const Floats expected = values(e);
  Tensor y = tanh(std::move(e));
  EXPECT_NE(place(y), memory);
  y.sum().backward();
  for (int i = 0; i < 3; ++i) {
    const float t = std::tanh(expected[i]);
    EXPECT_NEAR(x.grad()[i].item<float>(), (1 - t * t) * expected[i], 1e-6);
  }
}

TEST(Reuse, GivesTheSameGradients) {
  Tensor w = tensor<float>({1, -2, 3, -4}, {2, 2}).requires_grad_();
  Tensor x = tensor<float>({1, 2, 3, 4, 5, 6}, {3, 2});
  const auto gradient = [&](bool give) {
    Tensor h = linear(x, w);
    const void* memory = place(h);
    Tensor kept = give ? Tensor() : h;
    Tensor y = relu(std::move(h));
    EXPECT_EQ(place(y) == memory, give);
    Tensor loss = (y * y).sum();
    return autograd::grad({&loss, 1}, {&w, 1})[0];
  };
  EXPECT_EQ(values(gradient(true)), values(gradient(false)));
}

TEST(Reuse, LeavesGradientsThatOthersHold) {
  Tensor x = tensor<float>({-1, 2, 3}).requires_grad_();
  Tensor h = x * 2;
  Tensor y = relu(h);
  Tensor seen;
  y.register_hook([&](const Tensor& g) { return seen = g; });
  Tensor seed = tensor<float>({5, 6, 7});
  y.backward(seed);
  EXPECT_EQ(values(seed), (Floats{5, 6, 7}));
  EXPECT_EQ(values(seen), (Floats{5, 6, 7}));
  EXPECT_EQ(values(x.grad()), (Floats{0, 12, 14}));
}

TEST(Reuse, LeavesAGradientThatTwoNodesGet) {
  // add hands the same gradient to both sides.
  Tensor x = tensor<float>({-1, 2}).requires_grad_();
  (relu(x * 1) + tanh(x * 1)).backward(tensor<float>({3, 5}));
  const double t0 = std::tanh(-1.0), t1 = std::tanh(2.0);
  EXPECT_NEAR(x.grad()[0].item<float>(), 3 * (1 - t0 * t0), 1e-6);
  EXPECT_NEAR(x.grad()[1].item<float>(), 5 + 5 * (1 - t1 * t1), 1e-6);
}

TEST(Reuse, LeavesAGradientThatIsAskedFor) {
  Tensor x = tensor<float>({-1, 2}).requires_grad_();
  Tensor y = relu(x * 1);
  const Tensor outputs[] = {(y * 3).sum()}, inputs[] = {y, x};
  std::vector<Tensor> gradients = autograd::grad(outputs, inputs);
  EXPECT_EQ(values(gradients[0]), (Floats{3, 3}));
  EXPECT_EQ(values(gradients[1]), (Floats{0, 3}));
}

TEST(Reuse, WorksUnderCheckpoint) {
  Tensor x = tensor<float>({-1, 2}).requires_grad_();
  const auto f = [](const Tensor& v) { return tanh(relu(exp(v) * 2 - 1)); };
  const Tensor outputs[] = {f(x).sum()}, inputs[] = {x};
  const Floats plain = values(autograd::grad(outputs, inputs)[0]);
  Tensor y = checkpoint(std::function<Tensor(const Tensor&)>(f), x);
  y.sum().backward();
  EXPECT_EQ(values(x.grad()), plain);
}

}  // namespace
}  // namespace tessera
