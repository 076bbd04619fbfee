// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics.h"

#include <cmath>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {
namespace {

Tensor classes(std::vector<int64_t> values) { return tensor<int64_t>(values); }

const std::vector<int64_t> kTargets = {0, 0, 0, 1, 1, 2, 2, 2, 2, 2};
const std::vector<int64_t> kPredictions = {0, 1, 0, 1, 1, 2, 0, 2, 1, 2};

TEST(Accuracy, CountsOverBatches) {
  Accuracy accuracy;
  EXPECT_TRUE(std::isnan(accuracy.value()));
  accuracy.update(tensor<float>({0.1f, 0.9f, 3.0f, -1.0f}, {2, 2}), classes({1, 1}));
  EXPECT_EQ(accuracy.value(), 0.5);
  accuracy.update(classes({4, 5, 6}), classes({4, 5, 6}));
  EXPECT_EQ(accuracy.value(), 0.8);
  EXPECT_EQ(accuracy.count(), 5);
  accuracy.reset();
  EXPECT_EQ(accuracy.count(), 0);
  EXPECT_TRUE(std::isnan(accuracy.value()));
}

TEST(Accuracy, RefusesShapesThatDoNotFit) {
  Accuracy accuracy;
  EXPECT_THROW(accuracy.update(zeros({3, 2}), classes({1, 1})), Error);
  EXPECT_THROW(accuracy.update(zeros({3}), classes({1, 1, 0})), Error);
  EXPECT_THROW(accuracy.update(zeros({3, 2}), zeros({3})), Error);
  EXPECT_EQ(accuracy.count(), 0);
}

// The expected numbers are scikit-learn's (1.2, zero_division=0).
TEST(ConfusionMatrix, AgreesWithScikitLearn) {
  ConfusionMatrix confusion(4);
  for (size_t i = 0; i < kTargets.size(); i += 3) {
    const size_t end = std::min(i + 3, kTargets.size());
    confusion.update(classes({kPredictions.begin() + i, kPredictions.begin() + end}),
                     classes({kTargets.begin() + i, kTargets.begin() + end}));
  }
  EXPECT_EQ(confusion.total(), 10);
  EXPECT_EQ(confusion.count(2, 0), 1);
  EXPECT_EQ(confusion.count(0, 2), 0);
  EXPECT_DOUBLE_EQ(confusion.accuracy(), 0.7);
  const double precision[] = {2.0 / 3, 0.5, 1, 0}, recall[] = {2.0 / 3, 1, 0.6, 0};
  const double f1[] = {2.0 / 3, 2.0 / 3, 0.75, 0};
  for (int c = 0; c < 4; ++c) {
    EXPECT_DOUBLE_EQ(confusion.of_class(c).precision, precision[c]) << c;
    EXPECT_DOUBLE_EQ(confusion.of_class(c).recall, recall[c]) << c;
    EXPECT_DOUBLE_EQ(confusion.of_class(c).f1, f1[c]) << c;
  }
  EXPECT_EQ(confusion.of_class(2).support, 5);
  EXPECT_DOUBLE_EQ(confusion.macro_average().precision, 0.5416666666666666);
  EXPECT_DOUBLE_EQ(confusion.macro_average().recall, 0.5666666666666667);
  EXPECT_DOUBLE_EQ(confusion.macro_average().f1, 0.5208333333333333);
  EXPECT_DOUBLE_EQ(confusion.weighted_average().precision, 0.8);
  EXPECT_DOUBLE_EQ(confusion.weighted_average().recall, 0.7);
  EXPECT_DOUBLE_EQ(confusion.weighted_average().f1, 0.7083333333333333);
}

TEST(ConfusionMatrix, TakesScores) {
  ConfusionMatrix confusion(2);
  confusion.update(tensor<float>({0.1f, 0.9f, 3.0f, -1.0f}, {2, 2}), classes({0, 0}));
  EXPECT_EQ(confusion.count(0, 1), 1);
  EXPECT_EQ(confusion.count(0, 0), 1);
  confusion.reset();
  EXPECT_EQ(confusion.total(), 0);
  EXPECT_TRUE(std::isnan(confusion.accuracy()));
}

TEST(ConfusionMatrix, RefusesClassesItHasNot) {
  ConfusionMatrix confusion(3);
  try {
    confusion.update(classes({0, 1}), classes({1, 3}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kOutOfRange);
    EXPECT_STREQ(error.what(), "ConfusionMatrix: target 1 is class 3, of 3 classes");
  }
  EXPECT_THROW(confusion.update(classes({-1}), classes({1})), Error);
  EXPECT_EQ(confusion.total(), 0);
  EXPECT_THROW(ConfusionMatrix(0), Error);
  EXPECT_THROW(ConfusionMatrix(2, {"a"}), Error);
}

TEST(ConfusionMatrix, Prints) {
  ConfusionMatrix confusion(3, {"cat", "dog", "bird"});
  confusion.update(classes(kPredictions), classes(kTargets));
  EXPECT_EQ(confusion.to_string(),
            "        predicted\n"
            "target   cat  dog bird\n"
            "   cat     2    1    0\n"
            "   dog     0    2    0\n"
            "  bird     1    1    3\n");
  EXPECT_EQ(confusion.report(),
            "              precision     recall   f1-score    support\n\n"
            "         cat      0.667      0.667      0.667          3\n"
            "         dog      0.500      1.000      0.667          2\n"
            "        bird      1.000      0.600      0.750          5\n\n"
            "    accuracy                            0.700         10\n"
            "   macro avg      0.722      0.756      0.694         10\n"
            "weighted avg      0.800      0.700      0.708         10\n");
}

}  // namespace
}  // namespace tessera::nn
