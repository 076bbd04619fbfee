// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/synthetic_digits.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/dataset.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {
namespace {

std::vector<int> pixels(const Example& example) { return example.x.to_vector<int>(); }

TEST(SyntheticDigits, HaveMnistsFormat) {
  const SyntheticDigits digits(20);
  const Example one = digits.get(3);
  EXPECT_EQ(one.x.shape(), Shape({28, 28}));
  EXPECT_EQ(one.x.dtype(), kUInt8);
  EXPECT_EQ(one.y.shape(), Shape({}));
  EXPECT_EQ(one.y.dtype(), kInt64);
  const Example all = get_all(digits);
  EXPECT_EQ(all.x.shape(), Shape({20, 28, 28}));
  EXPECT_EQ(all.x[3].to_vector<int>(), pixels(one));
  EXPECT_EQ(all.y[3].item<int>(), one.y.item<int>());
}

TEST(SyntheticDigits, DependOnSeedPartAndIndexOnly) {
  const std::vector<int> image = pixels(SyntheticDigits(10, {.seed = 1}).get(7));
  EXPECT_EQ(image, pixels(SyntheticDigits(1000, {.seed = 1}).get(7)));
  EXPECT_NE(image, pixels(SyntheticDigits(10, {.seed = 2}).get(7)));
  EXPECT_NE(image, pixels(SyntheticDigits(10, {.seed = 1}).get(6)));
  EXPECT_NE(image, pixels(SyntheticDigits(10, {.train = false, .seed = 1}).get(7)));
}

TEST(SyntheticDigits, AreAllDifferentAndOfAllClasses) {
  const Example all = get_all(SyntheticDigits(2000));
  std::set<std::vector<int>> images;
  for (int64_t i = 0; i < 2000; ++i) images.insert(all.x[i].to_vector<int>());
  EXPECT_EQ(images.size(), 2000);
  std::vector<int> count(10);
  for (int label : all.y.to_vector<int>()) ++count[static_cast<size_t>(label)];
  // The standard deviation of a count is 13.4; five of them.
  for (int n : count) EXPECT_NEAR(n, 200, 67);
}

TEST(SyntheticDigits, AreInkOnPaper) {
  const Example all = get_all(SyntheticDigits(500));
  for (int64_t i = 0; i < 500; ++i) {
    const std::vector<int> image = all.x[i].to_vector<int>();
    int ink = 0, paper = 0;
    for (int value : image) {
      ink += value > 128;
      paper += value < 64;
    }
    EXPECT_GE(ink, 15) << i;
    EXPECT_LE(ink, 330) << i;
    EXPECT_GE(paper, 300) << i;
  }
}

// The mean image of each class, as a classifier, does far better than chance, and far from well:
// images of a digit have something in common, and differ.
TEST(SyntheticDigits, AreNotToldApartByTheirMeans) {
  const Example train = get_all(SyntheticDigits(3000));
  const Example test = get_all(SyntheticDigits(500, {.train = false}));
  const std::vector<double> train_pixels = train.x.to_vector<double>();
  const std::vector<int> train_labels = train.y.to_vector<int>();
  std::vector<double> mean(10 * 784), count(10);
  for (size_t i = 0; i < 3000; ++i) {
    const size_t label = static_cast<size_t>(train_labels[i]);
    ++count[label];
    for (size_t p = 0; p < 784; ++p) mean[label * 784 + p] += train_pixels[i * 784 + p];
  }
  for (size_t p = 0; p < 7840; ++p) mean[p] /= count[p / 784];
  const std::vector<double> test_pixels = test.x.to_vector<double>();
  const std::vector<int> test_labels = test.y.to_vector<int>();
  int right = 0;
  for (size_t i = 0; i < 500; ++i) {
    size_t best = 0;
    double best_distance = 1e300;
    for (size_t label = 0; label < 10; ++label) {
      double distance = 0;
      for (size_t p = 0; p < 784; ++p) {
        const double d = test_pixels[i * 784 + p] - mean[label * 784 + p];
        distance += d * d;
      }
      if (distance < best_distance) best_distance = distance, best = label;
    }
    right += static_cast<int>(best) == test_labels[i];
  }
  EXPECT_GT(right, 250);
  EXPECT_LT(right, 425);
}

TEST(SyntheticDigits, AnIndexOutsideIsRefused) {
  try {
    SyntheticDigits(10).get(10);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "SyntheticDigits: index 10 is not in [0, 10)");
  }
}

}  // namespace
}  // namespace tessera::data
