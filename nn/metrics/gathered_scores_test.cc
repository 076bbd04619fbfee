// SPDX-License-Identifier: Apache-2.0
//
// What AUROC and AveragePrecision share. tests/goldens holds their values.
#include <cmath>

#include "tessera/nn/metrics/average_precision.h"
#include "tessera/nn/metrics/roc_auc.h"
#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

TEST(AUROC, TakesColumnsAndTargetsOfAnyDType) {
  const Tensor scores = tensor<float>({0.1f, 0.4f, 0.35f, 0.8f});
  for (const Tensor& y : {classes({0, 0, 1, 1}), tensor<float>({0, 0, 1, 1}),
                          classes({0, 0, 1, 1}) > 0, classes({0, 0, 1, 1}).unsqueeze(1)}) {
    AUROC auc;
    auc.update(scores.unsqueeze(1), y);
    EXPECT_EQ(auc.compute(), 0.75) << y;
    AveragePrecision precision;
    precision.update(scores.unsqueeze(1), y);
    EXPECT_DOUBLE_EQ(precision.compute(), 5.0 / 6) << y;
  }
}

TEST(AUROC, KeepsCopies) {
  Tensor scores = tensor<float>({0.1f, 0.9f});
  AUROC auc;
  auc.update(scores, classes({0, 1}));
  scores.mul_(-1);
  EXPECT_EQ(auc.compute(), 1);
}

TEST(AUROC, NothingSeenIsNan) {
  AUROC auc;
  EXPECT_TRUE(std::isnan(auc.compute()));
  EXPECT_TRUE(auc.compute_per_class().empty());
  auc.update(zeros({0, 3}), classes({}));
  EXPECT_TRUE(std::isnan(auc.compute()));
  auc.update(zeros({2, 3}), classes({0, 1}));
  auc.reset();
  EXPECT_TRUE(std::isnan(auc.compute()));
  EXPECT_TRUE(std::isnan(AveragePrecision().compute()));
}

TEST(AUROC, RefusesWhatDoesNotFit) {
  AUROC auc;
  EXPECT_EQ(thrown_by([&] {
              auc.update(zeros({3, 2}), classes({1, 1}));
            }),
            "AUROC: scores are float32 [3, 2], targets [2]; expected floating point (N) or (N, C), "
            "and (N) or (N, C)");
  EXPECT_NE(thrown_by([&] { auc.update(classes({1}), classes({1})); }), "");
  EXPECT_NE(thrown_by([&] { auc.update(zeros({2, 0}), classes({1, 1})); }), "");
  auc.update(zeros({2, 3}), classes({1, 1}));
  EXPECT_EQ(thrown_by([&] {
              auc.update(zeros({2, 4}), classes({1, 1}));
            }),
            "AUROC: scores are [2, 4], targets [2]; before, there were 3 classes");
  EXPECT_NE(thrown_by([&] { auc.update(zeros({2, 3}), zeros({2, 3})); }), "");
  AUROC binary;
  binary.update(zeros({2}), classes({0, 1}));
  EXPECT_EQ(thrown_by([&] { auc.merge(binary); }), "AUROC: merge: 3 classes with 1 classes");

  AUROC of_one_class({.average = Average::kBinary});
  of_one_class.update(zeros({2}), classes({0, 1}));
  EXPECT_EQ(of_one_class.compute(), 0.5);
  of_one_class.reset();
  of_one_class.update(zeros({2, 3}), classes({0, 1}));
  EXPECT_EQ(thrown_by([&] { of_one_class.compute(); }),
            "AUROC: Average::kBinary is for scores (N), these are of 3 classes");
}

TEST(AUROC, ValuesAreCheckedByCompute) {
  AUROC auc;
  auc.update(zeros({2}), classes({0, 2}));
  EXPECT_EQ(thrown_by([&] { auc.compute(); }), "AUROC: a target is 2, of 2 classes");
  auc.reset();
  auc.update(zeros({2}), tensor<float>({0, 0.5f}));
  EXPECT_EQ(thrown_by([&] { auc.compute(); }), "AUROC: a target is 0.5, of 2 classes");
  auc.reset();
  auc.update(tensor<float>({NAN, 1, NAN}), classes({0, 1, 0}));
  EXPECT_EQ(thrown_by([&] { auc.compute(); }), "AUROC: 2 of 3 scores are nan");
}

}  // namespace
}  // namespace tessera::nn
