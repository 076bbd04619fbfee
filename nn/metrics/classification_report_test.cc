// SPDX-License-Identifier: Apache-2.0
//
// tests/goldens compares reports with scikit-learn's.
#include "tessera/nn/metrics/classification_report.h"

#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

TEST(ClassificationReport, OfThreeClasses) {
  ConfusionMatrix confusion(3, {"cat", "dog", "bird"});
  confusion.update(classes({0, 1, 0, 1, 1, 2, 0, 2, 1, 2}),
                   classes({0, 0, 0, 1, 1, 2, 2, 2, 2, 2}));
  EXPECT_EQ(classification_report(confusion, {.digits = 3}),
            "              precision    recall  f1-score   support\n\n"
            "         cat      0.667     0.667     0.667         3\n"
            "         dog      0.500     1.000     0.667         2\n"
            "        bird      1.000     0.600     0.750         5\n\n"
            "    accuracy                          0.700        10\n"
            "   macro avg      0.722     0.756     0.694        10\n"
            "weighted avg      0.800     0.700     0.708        10\n");
}

TEST(ClassificationReport, NothingSeen) {
  EXPECT_EQ(classification_report(ConfusionMatrix(2)),
            "              precision    recall  f1-score   support\n\n\n"
            "    accuracy                            nan         0\n"
            "   macro avg        nan       nan       nan         0\n"
            "weighted avg        nan       nan       nan         0\n");
}

TEST(ClassificationReport, RefusesWhatDoesNotFit) {
  const ConfusionMatrix confusion(2);
  EXPECT_EQ(thrown_by([&] { classification_report(confusion, {.digits = -1}); }),
            "classification_report: -1 digits");
  EXPECT_NE(thrown_by([&] { classification_report(confusion, {.labels = {5}}); }), "");
}

}  // namespace
}  // namespace tessera::nn
