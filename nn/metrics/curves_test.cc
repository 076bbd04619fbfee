// SPDX-License-Identifier: Apache-2.0
//
// tests/goldens holds the values.
#include "tessera/nn/metrics/curves.h"

#include <limits>

#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

using Doubles = std::vector<double>;

TEST(Curves, OfFourSamples) {
  const Tensor scores = tensor<float>({0.125f, 0.5f, 0.25f, 0.75f});
  const Tensor targets = classes({0, 0, 1, 1});
  const RocCurve roc = roc_curve(scores.unsqueeze(1), targets);
  EXPECT_EQ(roc.fpr, (Doubles{0, 0, 0.5, 0.5, 1}));
  EXPECT_EQ(roc.tpr, (Doubles{0, 0.5, 0.5, 1, 1}));
  EXPECT_EQ(roc.thresholds,
            (Doubles{std::numeric_limits<double>::infinity(), 0.75, 0.5, 0.25, 0.125}));
  const PrecisionRecallCurve curve = precision_recall_curve(scores, targets > 0);
  EXPECT_EQ(curve.precision, (Doubles{0.5, 2 / 3.0, 0.5, 1, 1}));
  EXPECT_EQ(curve.recall, (Doubles{1, 1, 0.5, 0.5, 0}));
  EXPECT_EQ(curve.thresholds, (Doubles{0.125, 0.25, 0.5, 0.75}));
}

TEST(Curves, RefuseWhatDoesNotFit) {
  EXPECT_EQ(thrown_by([] {
              roc_curve(zeros({2, 3}), classes({0, 1}));
            }),
            "roc_curve: scores are [2, 3], expected (N)");
  EXPECT_EQ(thrown_by([] { precision_recall_curve(zeros({0}), classes({})); }),
            "precision_recall_curve: none of 0 samples has weight");
  EXPECT_EQ(thrown_by([] {
              roc_curve(zeros({2}), classes({0, 1}), {.sample_weight = zeros({2})});
            }),
            "roc_curve: none of 2 samples has weight");
  EXPECT_EQ(thrown_by([] {
              roc_curve(zeros({2}), classes({0, 3}));
            }),
            "roc_curve: a target is 3, of 2 classes");
}

}  // namespace
}  // namespace tessera::nn
