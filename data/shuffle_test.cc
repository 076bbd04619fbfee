// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/shuffle.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/sampler.h"

namespace tessera::data {
namespace {

std::vector<int64_t> order_of(const Sampler& sampler, int64_t epoch) {
  std::vector<int64_t> order(static_cast<size_t>(sampler.size()), -1);
  sampler.sample(epoch, absl::MakeSpan(order));
  return order;
}

TEST(CounterRandom, NumbersAreThoseOfPhiloxForSeedPurposeAndIndex) {
  CounterRandom random(0x123456789abcdef0, RandomPurpose::kSplit, 0xfedcba9876543210);
  const uint32_t key[2] = {0x9abcdef0, 0x12345678};
  uint32_t counter[4] = {0, 0x76543210, 0xfedcba98, static_cast<uint32_t>(RandomPurpose::kSplit)};
  for (; counter[0] < 3; ++counter[0]) {
    uint32_t words[4];
    tessera_philox4x32(counter, key, words);
    for (uint32_t word : words) EXPECT_EQ(random.next(), word);
  }
}

TEST(CounterRandom, BelowReachesAllNumbersEquallyOften) {
  CounterRandom random(7, RandomPurpose::kShuffle, 0);
  constexpr int kDraws = 60000;
  std::vector<int> count(6);
  for (int i = 0; i < kDraws; ++i) ++count[static_cast<size_t>(random.below(6))];
  // The standard deviation of a count is 91; five of them.
  for (int n : count) EXPECT_NEAR(n, kDraws / 6, 460);
}

TEST(CounterRandom, BelowIsUnbiasedForARangeNearTwoToThe63) {
  // With a plain product of 64 bits, a third of the numbers would come up twice as often.
  CounterRandom random(8, RandomPurpose::kShuffle, 0);
  const int64_t limit = int64_t{3} << 61;
  int64_t lower = 0;
  for (int i = 0; i < 30000; ++i) {
    const int64_t x = random.below(limit);
    ASSERT_GE(x, 0);
    ASSERT_LT(x, limit);
    lower += x < limit / 3;
  }
  EXPECT_NEAR(lower, 10000, 410);  // five standard deviations
}

TEST(CounterRandom, BelowOneIsZero) {
  CounterRandom random(9, RandomPurpose::kShuffle, 0);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(random.below(1), 0);
}

TEST(CounterRandom, UniformStaysInRange) {
  CounterRandom random(9, RandomPurpose::kShuffle, 0);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const float x = random.uniform(2, 4);
    ASSERT_GE(x, 2);
    ASSERT_LT(x, 4);
    sum += x;
  }
  EXPECT_NEAR(sum / 10000, 3, 0.03);  // five standard deviations of the mean
}

TEST(Shuffle, EveryOrderOfFourIsEquallyLikely) {
  std::map<std::vector<int64_t>, int> count;
  constexpr int kTrials = 24000;
  for (int seed = 0; seed < kTrials; ++seed) {
    std::vector<int64_t> values = {0, 1, 2, 3};
    CounterRandom random(static_cast<uint64_t>(seed), RandomPurpose::kShuffle, 0);
    shuffle(absl::MakeSpan(values), random);
    ++count[values];
  }
  ASSERT_EQ(count.size(), 24);
  double chi_square = 0;
  for (const auto& [order, n] : count) chi_square += (n - 1000.0) * (n - 1000.0) / 1000.0;
  EXPECT_LT(chi_square, 58.6);  // 23 degrees of freedom, p = 0.00006
}

TEST(Shuffle, OfNothingAndOfOneIsFine) {
  std::vector<int64_t> none, one = {42};
  CounterRandom random(0, RandomPurpose::kShuffle, 0);
  shuffle(absl::MakeSpan(none), random);
  shuffle(absl::MakeSpan(one), random);
  EXPECT_EQ(one[0], 42);
}

TEST(RandomSampler, IsAPermutationThatDependsOnSeedAndEpochOnly) {
  constexpr int64_t kSize = 1009;
  const RandomSampler sampler(kSize, 5), same(kSize, 5), other(kSize, 6);
  std::vector<int64_t> sorted = order_of(sampler, 3);
  EXPECT_EQ(order_of(sampler, 3), order_of(same, 3));
  EXPECT_NE(order_of(sampler, 3), order_of(sampler, 4));
  EXPECT_NE(order_of(sampler, 3), order_of(other, 3));
  std::sort(sorted.begin(), sorted.end());
  std::vector<int64_t> all(kSize);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(sorted, all);
}

// Saved runs are resumed by this order: it must never change.
TEST(RandomSampler, OrderIsTheSameForever) {
  EXPECT_EQ(order_of(RandomSampler(10, 0), 0),
            (std::vector<int64_t>{9, 4, 3, 6, 5, 0, 2, 7, 8, 1}));
  EXPECT_EQ(order_of(RandomSampler(10, 1), 7),
            (std::vector<int64_t>{7, 4, 9, 8, 1, 2, 5, 6, 0, 3}));
}

TEST(SequentialSampler, CountsUpInEveryEpoch) {
  const SequentialSampler sampler(4);
  EXPECT_EQ(order_of(sampler, 0), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(order_of(sampler, 9), (std::vector<int64_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace tessera::data
