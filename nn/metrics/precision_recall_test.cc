// SPDX-License-Identifier: Apache-2.0
//
// What tests/goldens does not ask: errors, and nothing seen.
#include "tessera/nn/metrics/precision_recall.h"

#include <cmath>

#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

TEST(PrecisionRecall, NothingSeenIsNan) {
  const ConfusionMatrix confusion(2);
  EXPECT_TRUE(precision_recall_fscore_support(confusion).empty());
  for (Average average : {Average::kMicro, Average::kMacro, Average::kWeighted}) {
    EXPECT_TRUE(std::isnan(precision_score(confusion, {.average = average})));
    EXPECT_TRUE(std::isnan(f1_score(confusion, {.average = average})));
    EXPECT_EQ(recall_score(confusion, {.average = average, .labels = {0, 1}}), 0);
  }
  EXPECT_EQ(f1_score(confusion, {.zero_division = 1}), 1);
}

TEST(PrecisionRecall, RefusesWhatDoesNotFit) {
  ConfusionMatrix confusion(3);
  confusion.update(classes({0, 1}), classes({0, 0}));
  const std::string name = "precision_recall_fscore_support: ";
  EXPECT_EQ(thrown_by([&] { f1_score(confusion); }),
            name + "Average::kBinary is for two classes, there are 3; choose another average");
  EXPECT_EQ(thrown_by([&] { fbeta_score(confusion, -1, {.average = Average::kMacro}); }),
            name + "beta is -1, it must be at least 0");
  EXPECT_NE(thrown_by([&] { fbeta_score(confusion, NAN, {.average = Average::kMacro}); }), "");
  EXPECT_EQ(thrown_by([&] {
              precision_recall_fscore_support(confusion, {.labels = {2, 3}});
            }),
            name + "label 3, of 3 classes");
  EXPECT_EQ(thrown_by([&] {
              precision_recall_fscore_support(confusion, {.labels = {2, 2}});
            }),
            name + "label 2 is named twice");
  EXPECT_EQ(thrown_by([&] {
              recall_score(confusion, {.average = Average::kMicro, .zero_division = 0.5});
            }),
            name + "zero_division is 0.5, it must be 0, 1 or nan");
  EXPECT_EQ(thrown_by([&] { average_precision_recall_fscore(confusion, Average::kBinary); }),
            name + "Average::kBinary is of one class");
  EXPECT_NE(thrown_by([] { f1_score(ConfusionMatrix(2), {.pos_label = 2}); }), "");
}

}  // namespace
}  // namespace tessera::nn
