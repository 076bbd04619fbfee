// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/checkpoint.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/autograd/no_grad.h"
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

uint64_t bytes_in_use() { return Device().memory().value().bytes_in_use; }

TEST(Checkpoint, GivesTheGradientsOfThePlainCall) {
  Tensor x = leaf({0.5, -1.5}), w = leaf({2, 3});
  int calls = 0;
  auto block = [&](const Tensor& h) {
    ++calls;
    return ((h * w).exp() * h).sigmoid();
  };
  (block(x * 2) * x).sum().backward();
  const std::vector<float> dx = x.grad().to_vector<float>(), dw = w.grad().to_vector<float>();
  x.set_grad({});
  w.set_grad({});
  calls = 0;
  Tensor loss = (checkpoint(block, x * 2) * x).sum();
  EXPECT_EQ(calls, 1);
  loss.backward();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(x.grad().to_vector<float>(), dx);
  EXPECT_EQ(w.grad().to_vector<float>(), dw);
}

TEST(Checkpoint, OfParametersAlone) {
  Tensor data = tensor<float>({1, 2}), w = leaf({3, 4});
  checkpoint([&](const Tensor& x) { return (x * w).square(); }, data).sum().backward();
  EXPECT_THAT(w.grad().to_vector<float>(), ElementsAre(6, 32));
}

TEST(Checkpoint, KeepsItsInputsAlone) {
  constexpr int64_t kSize = 1 << 16;
  constexpr uint64_t kBytes = kSize * sizeof(float);
  Tensor x = full({kSize}, 0.5, {.requires_grad = true});
  const uint64_t before = bytes_in_use();
  auto block = [](const Tensor& h) {
    Tensor y = h;
    for (int i = 0; i < 6; ++i) y = y.exp().sigmoid();
    return y;
  };
  Tensor y = checkpoint(block, checkpoint(block, x)).sum();
  EXPECT_LE(bytes_in_use(), before + kBytes + 1024) << "the input of the second block";
  y.backward();
  y = {};
  EXPECT_LE(bytes_in_use(), before + kBytes + 1024) << "x.grad()";
}

TEST(Checkpoint, CallsNest) {
  Tensor x = leaf({0.5, -1.5});
  auto inner = [](const Tensor& h) { return h.exp().square(); };
  auto plain = [&](const Tensor& h) { return inner(h * 2).sigmoid() * inner(h); };
  auto nested = [&](const Tensor& h) { return checkpoint(inner, h * 2).sigmoid() * inner(h); };
  plain(x).sum().backward();
  const std::vector<float> expected = x.grad().to_vector<float>();
  x.set_grad({});
  checkpoint(nested, x).sum().backward();
  EXPECT_EQ(x.grad().to_vector<float>(), expected);
}

TEST(Checkpoint, HasGradientsOfGradients) {
  auto function = [](const Tensor& x) {
    return checkpoint([](const Tensor& h) { return (h.exp() * h).sigmoid(); }, x * 2);
  };
  Tensor x = tensor<float>({0.5, -1.5});
  EXPECT_EQ(gradcheck(function, x), absl::OkStatus());
  EXPECT_EQ(gradgradcheck(function, x), absl::OkStatus());
}

TEST(Checkpoint, WorksWithGradAndRetainGraph) {
  Tensor x = leaf({2});
  Tensor y = checkpoint([](const Tensor& h) { return h * h * h; }, x);
  EXPECT_THAT(autograd::grad({y}, {x}, {}, {.retain_graph = true})[0].to_vector<float>(),
              ElementsAre(12));
  y.backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(12));
  EXPECT_THAT(error_of([&] { y.backward(); }), HasSubstr("was freed by an earlier backward()"));
}

TEST(Checkpoint, RefusesWritesToItsInputs) {
  Tensor x = tensor<float>({1, 2}), w = leaf({3, 4});
  Tensor y = checkpoint([&](const Tensor& h) { return (h * w).exp(); }, x).sum();
  EXPECT_THAT(error_of([&] { x.fill_(0); }), HasSubstr("needed for the gradient of checkpoint"));
  {
    NoGradGuard no_grad;
    EXPECT_THAT(error_of([&] { w.fill_(0); }), HasSubstr("needed for the gradient of"));
  }
  y.backward();
  x.fill_(0);
}

TEST(Checkpoint, FunctionThatDoesSomethingElseTheSecondTimeIsAnError) {
  bool first = true;
  auto unsteady = [&](const Tensor& x) { return std::exchange(first, false) ? x.exp() : x * x; };
  Tensor x = leaf({1});
  Tensor y = checkpoint(unsteady, x);
  EXPECT_THAT(error_of([&] { y.backward(); }),
              HasSubstr("checkpoint: computing again applied mul in place of exp"));
}

TEST(Checkpoint, DrawsTheSameRandomNumbersAgain) {
  Tensor x = ones({100}, {.requires_grad = true});
  Tensor y = checkpoint([](const Tensor& h) { return h * h * rand({100}); }, x);
  const Generator after_forward = default_generator();
  rand({7});
  y.sum().backward();
  const std::vector<float> values = y.to_vector<float>(), gradient = x.grad().to_vector<float>();
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(gradient[i], 2 * values[i]) << i;
  EXPECT_GT(default_generator().offset, after_forward.offset) << "the stream goes on";
}

TEST(Checkpoint, WithoutGradModeIsAPlainCall) {
  NoGradGuard no_grad;
  Tensor x = leaf({1, 2});
  Tensor y = checkpoint([](const Tensor& h) { return h * h; }, x);
  EXPECT_FALSE(y.requires_grad());
  EXPECT_FALSE(x.impl().storage->is_pinned());
}

TEST(Checkpoint, SeveralInputsAndOutputs) {
  Tensor a = leaf({1, 2}), b = leaf({3, 4});
  std::vector<Tensor> outputs = checkpoint(
      [](const std::vector<Tensor>& in) {
        return std::vector<Tensor>{in[0] * in[1], in[1].square()};
      },
      {a, b});
  autograd::backward({outputs[0].sum(), outputs[1].sum()});
  EXPECT_THAT(a.grad().to_vector<float>(), ElementsAre(3, 4));
  EXPECT_THAT(b.grad().to_vector<float>(), ElementsAre(1 + 6, 2 + 8));
}

}  // namespace
}  // namespace tessera
