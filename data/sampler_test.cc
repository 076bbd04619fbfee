// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/batch_sampler.h"
#include "tessera/data/dataset.h"

namespace tessera::data {
namespace {

using Ints = std::vector<int64_t>;

Ints order_of(const Sampler& sampler, int64_t epoch = 0) {
  Ints order(static_cast<size_t>(sampler.size()), -1);
  sampler.sample(epoch, absl::MakeSpan(order));
  return order;
}

Ints sorted(Ints values) {
  std::sort(values.begin(), values.end());
  return values;
}

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// Fails unless the order depends on the seed and the epoch and on nothing else.
template <class Make>
void expect_pure(Make make) {
  const auto sampler = make(uint64_t{5});
  EXPECT_EQ(order_of(sampler, 3), order_of(sampler, 3));
  EXPECT_EQ(order_of(sampler, 3), order_of(make(uint64_t{5}), 3));
  EXPECT_NE(order_of(sampler, 3), order_of(sampler, 4));
  EXPECT_NE(order_of(sampler, 3), order_of(make(uint64_t{6}), 3));
}

TEST(RandomSampler, NumSamplesWithoutReplacementIsOneOrderAfterTheOther) {
  const RandomSampler sampler(7, 1, {.num_samples = 17});
  const Ints order = order_of(sampler);
  ASSERT_EQ(order.size(), 17);
  const Ints first(order.begin(), order.begin() + 7), second(order.begin() + 7, order.begin() + 14);
  EXPECT_EQ(sorted(first), range(7));
  EXPECT_EQ(sorted(second), range(7));
  EXPECT_NE(first, second);
  const std::set<int64_t> rest(order.begin() + 14, order.end());
  EXPECT_EQ(rest.size(), 3);
  EXPECT_EQ(first, order_of(RandomSampler(7, 1)));
  expect_pure([](uint64_t seed) { return RandomSampler(50, seed, {.num_samples = 20}); });
}

TEST(RandomSampler, WithReplacementDrawsEachFromAll) {
  const RandomSampler sampler(5, 2, {.replacement = true, .num_samples = 50000});
  std::vector<int> count(5);
  for (int64_t index : order_of(sampler)) ++count.at(static_cast<size_t>(index));
  for (int n : count) EXPECT_NEAR(n, 10000, 450);  // five standard deviations
  expect_pure([](uint64_t seed) { return RandomSampler(50, seed, {.replacement = true}); });
}

TEST(RandomSampler, Misuse) {
  EXPECT_EQ(order_of(RandomSampler(0, 0)), Ints{});
  EXPECT_EQ(error_of([] { RandomSampler(0, 0, {.num_samples = 1}); }),
            "RandomSampler: num_samples is 1, of 0 samples");
  EXPECT_EQ(error_of([] { RandomSampler(3, 0, {.num_samples = -1}); }),
            "RandomSampler: num_samples is -1, of 3 samples");
}

TEST(SubsetRandomSampler, IsTheGivenIndicesInARandomOrder) {
  const Ints indices = {4, 9, 9, 1, 30, 31, 32, 33};
  const SubsetRandomSampler sampler(indices, 7);
  EXPECT_EQ(sorted(order_of(sampler)), sorted(indices));
  expect_pure([&](uint64_t seed) { return SubsetRandomSampler(indices, seed); });
}

TEST(WeightedRandomSampler, DrawsInProportionToTheWeights) {
  const std::vector<double> weights = {0, 1, 0, 3, 6, 0};
  const WeightedRandomSampler sampler(weights, 100000, 3);
  std::vector<int> count(6);
  for (int64_t index : order_of(sampler)) ++count.at(static_cast<size_t>(index));
  for (size_t i = 0; i < 6; ++i) {
    const double p = weights[i] / 10;
    EXPECT_NEAR(count[i], 100000 * p, 5 * std::sqrt(100000 * p * (1 - p))) << i;
  }
  expect_pure(
      [](uint64_t seed) { return WeightedRandomSampler(std::vector<double>(30, 1), 20, seed); });
}

// The chance of {first, second} is w1 / W * w2 / (W - w1).
TEST(WeightedRandomSampler, WithoutReplacementDrawsInProportionToWhatIsLeft) {
  const std::vector<double> weights = {1, 0, 2, 5};
  const WeightedRandomSampler sampler(weights, 2, 3, /*replacement=*/false);
  std::vector<std::vector<int>> count(4, std::vector<int>(4));
  constexpr int kDraws = 40000;
  for (int epoch = 0; epoch < kDraws; ++epoch) {
    const Ints pair = order_of(sampler, epoch);
    ++count[static_cast<size_t>(pair[0])][static_cast<size_t>(pair[1])];
  }
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      const double p = i == j ? 0 : weights[i] / 8 * weights[j] / (8 - weights[i]);
      EXPECT_NEAR(count[i][j], kDraws * p, 5 * std::sqrt(kDraws * p * (1 - p))) << i << " " << j;
    }
  }
}

TEST(WeightedRandomSampler, Misuse) {
  const auto make = [](std::vector<double> weights, int64_t n, bool replacement = true) {
    return error_of([&] { WeightedRandomSampler(std::move(weights), n, 0, replacement); });
  };
  EXPECT_EQ(make({1, -2}, 1),
            "WeightedRandomSampler: weight 1 is -2, it must be finite and not negative");
  EXPECT_EQ(make({std::numeric_limits<double>::quiet_NaN()}, 1),
            "WeightedRandomSampler: weight 0 is nan, it must be finite and not negative");
  EXPECT_EQ(make({0, 0}, 1),
            "WeightedRandomSampler: the 2 weights add up to 0, expected a positive number");
  EXPECT_EQ(make({1, 0}, 2, false),
            "WeightedRandomSampler: num_samples is 2, there are 1 positive weights to draw from "
            "without replacement");
}

Ints part(int64_t n, int64_t replicas, int64_t rank, bool drop_last) {
  return order_of(DistributedSampler(
      n, {.num_replicas = replicas, .rank = rank, .shuffle = false, .drop_last = drop_last}));
}

TEST(DistributedSampler, PartsAreThoseOfPyTorch) {
  EXPECT_EQ(part(7, 3, 0, false), (Ints{0, 3, 6}));
  EXPECT_EQ(part(7, 3, 1, false), (Ints{1, 4, 0}));
  EXPECT_EQ(part(7, 3, 2, false), (Ints{2, 5, 1}));
  EXPECT_EQ(part(7, 3, 2, true), (Ints{2, 5}));
  EXPECT_EQ(part(8, 3, 2, false), (Ints{2, 5, 0}));
  EXPECT_EQ(part(2, 5, 3, false), (Ints{1}));
  EXPECT_EQ(part(2, 5, 4, false), (Ints{0}));
  EXPECT_EQ(part(2, 5, 4, true), Ints{});
  EXPECT_EQ(part(7, 2, 1, false), (Ints{1, 3, 5, 0}));
}

TEST(DistributedSampler, PartsOfAShuffledEpochCoverItOnce) {
  Ints all;
  for (int64_t rank = 0; rank < 4; ++rank) {
    const Ints mine =
        order_of(DistributedSampler(100, {.num_replicas = 4, .rank = rank, .seed = 9}), 2);
    EXPECT_EQ(mine.size(), 25);
    all.insert(all.end(), mine.begin(), mine.end());
  }
  EXPECT_NE(all, range(100));
  EXPECT_EQ(sorted(all), range(100));
  expect_pure([](uint64_t seed) {
    return DistributedSampler(100, {.num_replicas = 4, .rank = 1, .seed = seed});
  });
}

TEST(DistributedSampler, Misuse) {
  EXPECT_EQ(error_of([] { DistributedSampler(5, {.num_replicas = 0}); }),
            "DistributedSampler: num_replicas is 0, it must be at least 1");
  EXPECT_EQ(error_of([] { DistributedSampler(5, {.num_replicas = 2, .rank = 2}); }),
            "DistributedSampler: rank 2 is not in [0, 2)");
}

TEST(BatchSampler, CutsAnOrderIntoPieces) {
  const auto batches_of = [](int64_t n, int64_t batch_size, bool drop_last) {
    const BatchSampler sampler(std::make_shared<SequentialSampler>(n), batch_size, drop_last);
    BatchList list;
    list.push_back({99});
    sampler.sample(0, list);
    EXPECT_EQ(list.size(), sampler.size());
    std::vector<Ints> batches;
    for (int64_t i = 0; i < list.size(); ++i) batches.emplace_back(list[i].begin(), list[i].end());
    return batches;
  };
  EXPECT_EQ(batches_of(5, 2, false), (std::vector<Ints>{{0, 1}, {2, 3}, {4}}));
  EXPECT_EQ(batches_of(5, 2, true), (std::vector<Ints>{{0, 1}, {2, 3}}));
  EXPECT_EQ(batches_of(4, 2, true), (std::vector<Ints>{{0, 1}, {2, 3}}));
  EXPECT_EQ(batches_of(1, 4, true), std::vector<Ints>{});
  EXPECT_EQ(batches_of(0, 4, false), std::vector<Ints>{});
  EXPECT_EQ(error_of([] { BatchSampler(std::make_shared<SequentialSampler>(1), 0, false); }),
            "BatchSampler: batch_size is 0, it must be at least 1");
}

}  // namespace
}  // namespace tessera::data
