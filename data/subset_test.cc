// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/subset.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::data {
namespace {

struct Squares {
  int64_t size() const { return 10; }
  int64_t get(int64_t index) const { return index * index; }
};
struct BatchedSquares : Squares {
  std::vector<int64_t> get_batch(absl::Span<const int64_t> indices) const {
    std::vector<int64_t> batch;
    for (int64_t index : indices) batch.push_back(-get(index));
    return batch;
  }
};

TEST(Subset, IsTheChosenSamplesInTheChosenOrder) {
  const Subset subset(Squares{}, {7, 2, 7});
  EXPECT_EQ(subset.size(), 3);
  EXPECT_EQ(subset.get(0), 49);
  EXPECT_EQ(subset.get(1), 4);
  EXPECT_EQ(subset.get(2), 49);
}

TEST(Subset, HasBatchesIfTheDatasetHas) {
  static_assert(!BatchedDataset<Subset<Squares>>);
  const Subset subset(BatchedSquares{}, {7, 2, 5});
  const std::vector<int64_t> positions = {2, 0};
  EXPECT_EQ(subset.get_batch(positions), (std::vector<int64_t>{-25, -49}));
  EXPECT_EQ(get_all(Subset(subset, {1})), (std::vector<int64_t>{-4}));
}

TEST(Subset, RefusesIndicesThatDoNotExist) {
  for (int64_t index : {-1, 10}) {
    try {
      Subset subset(Squares{}, {0, index});
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), "Subset: index " + std::to_string(index) + " is not in [0, 10)");
    }
  }
}

TEST(RandomSplit, CoversEverySampleOnce) {
  const auto parts = random_split(Squares{}, {7, 0, 3}, 4);
  ASSERT_EQ(parts.size(), 3);
  EXPECT_EQ(parts[1].size(), 0);
  std::vector<int64_t> all = parts[0].indices();
  EXPECT_EQ(all.size(), 7);
  all.insert(all.end(), parts[2].indices().begin(), parts[2].indices().end());
  EXPECT_NE(all, range(10));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, range(10));
}

TEST(RandomSplit, DependsOnTheSeed) {
  const auto first = random_split(Squares{}, {5, 5}, 1);
  EXPECT_EQ(first[0].indices(), random_split(Squares{}, {5, 5}, 1)[0].indices());
  EXPECT_NE(first[0].indices(), random_split(Squares{}, {5, 5}, 2)[0].indices());
}

TEST(RandomSplit, RefusesLengthsThatDoNotAddUp) {
  for (const std::vector<int64_t>& lengths :
       std::vector<std::vector<int64_t>>{{5, 4}, {5, 6}, {11, -1}, {INT64_MAX, INT64_MAX, 12}}) {
    try {
      random_split(Squares{}, lengths);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find("do not add up to 10 samples"), std::string::npos);
    }
  }
}

TEST(RandomSplit, FractionsAreRoundedAsInPyTorch) {
  using Ints = std::vector<int64_t>;
  EXPECT_EQ(split_lengths(10, {0.8, 0.2}), (Ints{8, 2}));
  EXPECT_EQ(split_lengths(30, {0.3, 0.3, 0.4}), (Ints{9, 9, 12}));
  EXPECT_EQ(split_lengths(11, {0.5, 0.25, 0.25}), (Ints{6, 3, 2}));
  EXPECT_EQ(split_lengths(3276, {0.7, 0.15, 0.15}), (Ints{2294, 491, 491}));
  EXPECT_EQ(split_lengths(2, std::vector<double>(10, 0.1)), (Ints{1, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(split_lengths(101, std::vector<double>(3, 1.0 / 3)), (Ints{34, 34, 33}));
  const auto parts = random_split(Squares{}, {0.75, 0.25}, 3);
  EXPECT_EQ(parts[0].size(), 8);
  EXPECT_EQ(parts[1].size(), 2);
  EXPECT_EQ(parts[0].indices(), random_split(Squares{}, {8, 2}, 3)[0].indices());
}

TEST(RandomSplit, RefusesFractionsThatDoNotAddUp) {
  for (const std::vector<double>& fractions :
       std::vector<std::vector<double>>{{0.5, 0.4}, {0.5, 0.6}, {1.5, -0.5}, {}, {NAN, 1}}) {
    try {
      random_split(Squares{}, fractions);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find("add up to 1"), std::string::npos);
    }
  }
}

TEST(Range, CountsUp) {
  EXPECT_EQ(range(3), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(range(5, 7), (std::vector<int64_t>{5, 6}));
  EXPECT_TRUE(range(2, 1).empty());
}

}  // namespace
}  // namespace tessera::data
