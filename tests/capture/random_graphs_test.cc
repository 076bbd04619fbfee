// SPDX-License-Identifier: Apache-2.0
//
// Random programs of ops: views, chains of elementwise ops, products, reductions and writes, with
// several results. Compiled they give the bits that they give as they are.
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/tests/capture/training.h"

namespace tessera {
namespace {

// Builds one program out of its seed: the same ops for the same seed.
class Program {
 public:
  explicit Program(uint32_t seed) : seed_(seed) {}

  std::vector<Tensor> operator()(const Tensor& x, const Tensor& y, const Tensor& state) {
    std::mt19937 random(seed_);
    auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
    std::vector<Tensor> values = {x, y, state, x.t(), y.narrow(1, 0, 1).expand(y.shape())};
    auto pick = [&] { return values[below(values.size())]; };
    auto square = [&] {  // of x's shape
      Tensor v = pick();
      return v.shape() == x.shape() ? v : v.sum() + x;
    };
    const size_t steps = 5 + below(40);
    for (size_t i = 0; i < steps; ++i) {
      switch (below(14)) {
        case 0:
          values.push_back(square() + square());
          break;
        case 1:
          values.push_back(square() * 0.5 - square());
          break;
        case 2:
          values.push_back(square().tanh());
          break;
        case 3:
          values.push_back((square() * square()).sigmoid());
          break;
        case 4:
          values.push_back(square().where(square() > square(), square()));
          break;
        case 5:
          values.push_back(square().t());
          break;
        case 6:
          values.push_back(square().matmul(square()) * 0.1);
          break;
        case 7:
          values.push_back(square().sum({1}, true).expand(x.shape()));
          break;
        case 8:
          values.push_back(square().softmax(1));
          break;
        case 9:
          values.push_back(rand(x.shape(), {.device = x.device()}) + square());
          break;
        case 10:
          values.push_back(full(x.shape(), 1.5, {.device = x.device()}).maximum(square()));
          break;
        case 11: {  // a part of a value of its own is written
          Tensor copy = square().clone();
          copy.narrow(0, 1, 2).copy_(square().narrow(0, 0, 2));
          values.push_back(copy);
          break;
        }
        case 12: {  // in place
          Tensor copy = square().clone();
          values.push_back(copy.relu() + copy);
          copy += 1;
          copy.mul_(square());
          values.push_back(copy);
          break;
        }
        default: {  // what outlives the step
          Tensor kept = state;
          kept.mul_(0.5).add_(square() * 0.01);
        }
      }
    }
    return {pick(), pick(), pick().sum(), values.back()};
  }

 private:
  uint32_t seed_;
};

class RandomGraphsTest : public ::testing::TestWithParam<bool> {};

TEST_P(RandomGraphsTest, GiveTheBitsOfTheFunction) {
  int chains = 0;
  for (uint32_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    manual_seed(seed);
    const Tensor state = randn({7, 7}), own = state.clone();
    Program program(seed);
    auto step = compile([&](const Tensor& x, const Tensor& y) { return program(x, y, own); },
                        {.fuse = GetParam()});
    for (int run = 0; run < 3; ++run) {
      const Tensor x = randn({7, 7}), y = randn({7, 7});
      const Generator place = default_generator();
      std::vector<Tensor> expected = program(x, y, state);
      for (Tensor& t : expected) t = t.clone();
      set_default_generator(place);
      expect_same_bits(step(x, y), expected);
      ASSERT_TRUE(same_bits(own, state));
    }
    const capture::ReportData data = step.report_data()[0];
    chains += data.fused_groups;
    EXPECT_LE(data.nodes, data.recorded_nodes);
    EXPECT_LE(data.arena_bytes, data.eager_peak_bytes * 2 + 4096) << step.report();
  }
  if (GetParam() && zeros({}).device().backend() == "cpu") {
    EXPECT_GT(chains, 100);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, RandomGraphsTest, ::testing::Bool(), [](const auto& info) {
  return std::string(info.param ? "Fused" : "Plain");
});

}  // namespace
}  // namespace tessera
