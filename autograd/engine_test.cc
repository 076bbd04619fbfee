// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/engine.h"

#include <barrier>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/autograd/function.h"
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

// An op that notes when its gradient is computed.
Tensor noted(const char* name, const Tensor& x, std::vector<std::string>& notes) {
  return autograd::custom_function(
      name, {x}, [&] { return std::vector<Tensor>{x * 1}; },
      [&notes, name](VjpContext& c) {
        notes.push_back(name);
        c.set(0, c.grad());
      })[0];
}

TEST(Order, IsTheReverseOfCreation) {
  std::vector<std::string> notes;
  Tensor x = leaf({1});
  Tensor a = noted("a", x, notes);
  Tensor b = noted("b", x, notes);
  Tensor c = noted("c", a, notes);
  Tensor d = noted("d", b, notes);
  (noted("e", c, notes) + d).sum().backward();
  EXPECT_THAT(notes, ElementsAre("e", "d", "c", "b", "a"));
}

TEST(Order, EachNodeRunsOnceWithAllItsGradients) {
  // A ladder of diamonds: 2^40 paths, 80 nodes.
  Tensor x = tensor<double>({1}).requires_grad_();
  Tensor y = x;
  for (int i = 0; i < 40; ++i) y = y + y * 1.0;
  y.backward();
  EXPECT_EQ(x.grad().item<double>(), static_cast<double>(int64_t{1} << 40));
}

TEST(Order, GradRunsOnlyWhatLeadsToItsInputs) {
  std::vector<std::string> notes;
  Tensor x = leaf({1}), y = leaf({2});
  Tensor z = noted("x", x, notes) * noted("y", y, notes);
  autograd::grad({z}, {y});
  EXPECT_THAT(notes, ElementsAre("y"));
}

TEST(Depth, ChainOfAMillionOpsIsWalkedAndFreedWithoutRecursion) {
  constexpr int kOps = 1'000'000;
  Tensor x = leaf({1});
  Tensor y = x;
  for (int i = 0; i < kOps; ++i) y = y + 0;
  y.backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(1));
  // y's graph is freed here.
}

TEST(Depth, ChainThatKeepsItsValuesIsFreedWithoutRecursion) {
  Tensor x = leaf({1});
  Tensor y = x;
  const uint64_t before = bytes_in_use();
  for (int i = 0; i < 300'000; ++i) y = y.abs();  // keeps its input, and so the input's graph
  y = {};
  EXPECT_EQ(bytes_in_use(), before);
}

TEST(Memory, WalkedNodesFreeWhatTheyKeepAtOnce) {
  constexpr int64_t kSize = 1 << 16;
  constexpr uint64_t kBytes = kSize * sizeof(float);
  Tensor x = ones({kSize}, {.requires_grad = true});
  const uint64_t before = bytes_in_use();
  std::vector<uint64_t> seen;
  Tensor y = x;
  for (int i = 0; i < 8; ++i) {
    y = y * y;
    y.register_hook([&](const Tensor&) {
      seen.push_back(bytes_in_use());
      return Tensor();
    });
  }
  y = y.sum();
  // The 8 products; the last is not an operand of any, and is gone.
  EXPECT_LT(bytes_in_use(), before + 8 * kBytes);
  EXPECT_GE(bytes_in_use(), before + 7 * kBytes);
  y.backward();
  ASSERT_EQ(seen.size(), 8u);
  // Each step frees one product; gradients come and go.
  for (size_t i = 2; i < seen.size(); ++i) EXPECT_LE(seen[i] + kBytes, seen[i - 1]) << i;
  // y still holds the graph, which holds nothing any more but the leaf: there is one gradient.
  EXPECT_LT(bytes_in_use(), before + kBytes + 1024);
}

TEST(Memory, GraphIsFreedWithItsLastTensor) {
  constexpr int64_t kSize = 1 << 16;
  Tensor x = ones({kSize}, {.requires_grad = true});
  const uint64_t before = bytes_in_use();
  {
    Tensor y = x;
    for (int i = 0; i < 8; ++i) y = y.exp();  // keeps its output: no ring
    EXPECT_GE(bytes_in_use(), before + 8 * kSize * sizeof(float));
  }
  EXPECT_EQ(bytes_in_use(), before);
}

TEST(Memory, NothingIsKeptWithRetainGraphOnceTheTensorGoes) {
  Tensor x = ones({1 << 16}, {.requires_grad = true});
  (x * x).sum().backward();
  const uint64_t before = bytes_in_use();
  {
    Tensor y = (x * x).exp().sum();
    y.backward({}, /*retain_graph=*/true);
    y.backward({}, /*retain_graph=*/true);
  }
  EXPECT_EQ(bytes_in_use(), before);
}

TEST(Memory, FirstGradientBecomesGradWithoutACopy) {
  Tensor x = ones({1 << 16}, {.requires_grad = true});
  Tensor gradient_seen;
  const void* data = nullptr;
  x.register_hook([&](const Tensor& g) {
    data = g.impl().storage.get();
    return Tensor();
  });
  (x * x).sum().backward();
  EXPECT_EQ(x.grad().impl().storage.get(), data);
}

TEST(Failure, LeavesTheGraphUsable) {
  bool fails = true;
  Tensor x = leaf({3});
  Tensor h = x * x;
  Tensor y = autograd::custom_function(
      "sometimes", {h}, [&] { return std::vector<Tensor>{h * 1}; },
      [&](VjpContext& c) {
        if (fails) raise(absl::UnavailableError("not now"));
        c.set(0, c.grad());
      })[0];
  EXPECT_EQ(error_of([&] { y.backward({}, true); }), "not now");
  EXPECT_FALSE(x.grad().defined());
  fails = false;
  y.backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(6)) << "nothing was left over";
}

TEST(Failure, WrongShapeFromAVjpNamesTheOp) {
  Tensor x = leaf({1, 2});
  Tensor y = autograd::custom_function(
      "squash", {x}, [&] { return std::vector<Tensor>{x * 1}; },
      [](VjpContext& c) { c.set(0, c.grad().sum()); })[0];
  EXPECT_THAT(
      error_of([&] { y.sum().backward(); }),
      HasSubstr("squash: its gradient for input 0 is [] float32, the input is [2] float32"));
}

TEST(Failure, ReadingAValueThatIsNotKeptNamesTheOp) {
  Tensor x = leaf({1});
  Tensor y = autograd::custom_function(
      "forgetful", {x}, [&] { return std::vector<Tensor>{x * 1}; },
      [](VjpContext& c) { c.set(0, c.grad() * c.input(0)); })[0];
  EXPECT_THAT(error_of([&] { y.backward(); }),
              HasSubstr("forgetful: its gradient reads input 0, which saved_inputs"));
}

TEST(Threads, WalkGraphsThatShareLeaves) {
  constexpr int kThreads = 4, kRounds = 1000;
  std::vector<Tensor> leaves;
  for (int i = 0; i < kRounds; ++i) leaves.push_back(leaf({1, 2, 3}));
  std::barrier start(kThreads);  // all reach a leaf that has no gradient yet at about the same time
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (Tensor& w : leaves) {
        Tensor y = (w * w + w).sum();
        start.arrive_and_wait();
        y.backward();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& w : leaves) {
    ASSERT_THAT(w.grad().to_vector<float>(), ElementsAre(3 * kThreads, 5 * kThreads, 7 * kThreads));
  }
}

TEST(Threads, SecondWalkOfOneGraphAtOnceIsAnError) {
  Tensor x = leaf({1});
  Tensor y = (x * x).sum();
  std::string message;
  x.register_hook([&](const Tensor&) { return Tensor(); });
  Tensor h = x * 3;
  h.register_hook([&](const Tensor&) {
    message = error_of([&] { h.backward(tensor<float>({1})); });
    return Tensor();
  });
  h.sum().backward();
  EXPECT_THAT(message, HasSubstr("the graph of this mul is being walked by another backward()"));
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(3));
}

TEST(Vjp, MissingGradientsOfOutputsAreZeros) {
  Tensor x = leaf({1, 2});
  std::vector<bool> had;
  std::vector<Tensor> outputs = autograd::custom_function(
      "two", {x},
      [&] {
        return std::vector<Tensor>{x * 1, x * 2};
      },
      [&](VjpContext& c) {
        had = {c.has_grad(0), c.has_grad(1)};
        c.set(0, c.grad(0) + c.grad(1) * 2);
      });
  outputs[1].sum().backward();
  EXPECT_THAT(had, ElementsAre(false, true));
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(2, 2));
}

TEST(Vjp, NeedsSaysWhichInputsCount) {
  Tensor x = leaf({1}), constant = tensor<float>({1}), y = leaf({2});
  Tensor h = x * 2;
  std::vector<bool> needs;
  Tensor z = autograd::custom_function(
      "three", {h, constant, y}, [&] { return std::vector<Tensor>{h + y}; },
      [&](VjpContext& c) {
        needs = {c.needs(0), c.needs(1), c.needs(2)};
        for (int i = 0; i < 3; ++i) c.set(i, c.grad());
      })[0];
  autograd::grad({z}, {y}, {}, {.retain_graph = true});
  EXPECT_THAT(needs, ElementsAre(false, false, true));
  z.backward();
  EXPECT_THAT(needs, ElementsAre(true, false, true));
  EXPECT_FALSE(constant.grad().defined());
}

TEST(Vjp, UnsetGradientIsZero) {
  Tensor x = leaf({1}), y = leaf({2});
  Tensor h = x * 2;
  Tensor z = autograd::custom_function(
      "half", {h, y}, [&] { return std::vector<Tensor>{h + y}; },
      [](VjpContext& c) { c.set(1, c.grad()); })[0];
  z.backward();
  EXPECT_FALSE(x.grad().defined());
  EXPECT_THAT(y.grad().to_vector<float>(), ElementsAre(1));
}

}  // namespace
}  // namespace tessera
