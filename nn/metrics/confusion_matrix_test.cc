// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/confusion_matrix.h"

#include <cmath>

#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

TEST(ConfusionMatrix, CountsTargetsByRowAndPredictionsByColumn) {
  ConfusionMatrix confusion(3);
  confusion.update(classes({0, 1, 0}), classes({0, 0, 2}));
  EXPECT_EQ(confusion.counts(), std::vector<int64_t>({1, 1, 0, 0, 0, 0, 1, 0, 0}));
  confusion.update(tensor<float>({0.1f, 0.9f, 0, 3.0f, -1.0f, 0}, {2, 3}), classes({0, 0}));
  EXPECT_EQ(confusion.count(0, 1), 2);
  EXPECT_EQ(confusion.count(2, 0), 1);
  EXPECT_EQ(confusion.targets_of(0), 4);
  EXPECT_EQ(confusion.predictions_of(1), 2);
  EXPECT_EQ(confusion.total(), 5);
  EXPECT_EQ(confusion.accuracy(), 0.4);
}

TEST(ConfusionMatrix, NothingSeen) {
  ConfusionMatrix confusion(2);
  EXPECT_EQ(confusion.total(), 0);
  EXPECT_TRUE(std::isnan(confusion.accuracy()));
  confusion.update(classes({}), classes({}));
  EXPECT_EQ(confusion.total(), 0);
  confusion.update(classes({1}), classes({1}));
  confusion.reset();
  EXPECT_EQ(confusion.counts(), std::vector<int64_t>(4, 0));
}

TEST(ConfusionMatrix, SaysHowManyAreOutsideItsClasses) {
  ConfusionMatrix confusion(3);
  confusion.update(classes({0, 1, 5, -1}), classes({1, 3, 0, 0}));
  const std::string message = thrown_by([&] { confusion.total(); });
  EXPECT_EQ(message, "ConfusionMatrix: 3 of 4 samples have a target or prediction outside [0, 3)");
  EXPECT_EQ(thrown_by([&] { confusion.accuracy(); }), message);
  ConfusionMatrix other(3);
  other.merge(confusion);
  EXPECT_EQ(thrown_by([&] { other.accuracy(); }), message);
  confusion.reset();
  EXPECT_EQ(confusion.total(), 0);
}

TEST(ConfusionMatrix, Merges) {
  ConfusionMatrix a(2), b(2), nothing(2);
  b.update(classes({1, 1}), classes({0, 1}));
  a.merge(b);
  a.merge(nothing);
  EXPECT_EQ(a.counts(), std::vector<int64_t>({0, 1, 0, 1}));
  a.merge(b);
  EXPECT_EQ(a.counts(), std::vector<int64_t>({0, 2, 0, 2}));
  EXPECT_EQ(b.counts(), std::vector<int64_t>({0, 1, 0, 1}));
  EXPECT_EQ(thrown_by([&] { a.merge(ConfusionMatrix(3)); }),
            "ConfusionMatrix: merge: 2 classes with 3");
}

TEST(ConfusionMatrix, RefusesWhatDoesNotFit) {
  ConfusionMatrix confusion(2);
  EXPECT_NE(thrown_by([&] { confusion.update(zeros({3, 2}), classes({1})); }), "");
  EXPECT_EQ(confusion.total(), 0);
  EXPECT_EQ(thrown_by([] { ConfusionMatrix(0); }), "ConfusionMatrix: 0 classes, 0 names");
  EXPECT_EQ(thrown_by([] { ConfusionMatrix(2, {"a"}); }), "ConfusionMatrix: 2 classes, 1 names");
}

TEST(ConfusionMatrix, Prints) {
  ConfusionMatrix confusion(3, {"cat", "dog", "bird"});
  confusion.update(classes({0, 1, 0, 1, 1, 2, 0, 2, 1, 2}),
                   classes({0, 0, 0, 1, 1, 2, 2, 2, 2, 2}));
  EXPECT_EQ(confusion.to_string(),
            "        predicted\n"
            "target   cat  dog bird\n"
            "   cat     2    1    0\n"
            "   dog     0    2    0\n"
            "  bird     1    1    3\n");
}

}  // namespace
}  // namespace tessera::nn
