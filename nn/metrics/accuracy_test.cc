// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/accuracy.h"

#include <cmath>

#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

TEST(Accuracy, CountsOverBatches) {
  Accuracy accuracy;
  EXPECT_TRUE(std::isnan(accuracy.compute()));
  accuracy.update(tensor<float>({0.1f, 0.9f, 3.0f, -1.0f}, {2, 2}), classes({1, 1}));
  EXPECT_EQ(accuracy.compute(), 0.5);
  accuracy.update(classes({4, 5, 6}), classes({4, 5, 6}));
  EXPECT_EQ(accuracy.compute(), 0.8);
  EXPECT_EQ(accuracy.count(), 5);
  accuracy.reset();
  EXPECT_EQ(accuracy.count(), 0);
  EXPECT_TRUE(std::isnan(accuracy.compute()));
}

TEST(Accuracy, OfEqualScoresTheLowerClassComesFirst) {
  const Tensor equal = zeros({3, 4});
  for (int64_t k = 1; k <= 4; ++k) {
    Accuracy accuracy({.top_k = k});
    accuracy.update(equal, classes({0, 1, 3}));
    EXPECT_EQ(accuracy.compute(), k == 1 ? 1 / 3.0 : k < 4 ? 2 / 3.0 : 1) << k;
  }
}

TEST(Accuracy, TakesDimensionsBehindTheClasses) {
  // (N 2, C 2, 3): class 1 wins where the second plane is greater.
  const Tensor scores = tensor<float>({0, 0, 0, 1, -1, 1, /**/ 0, 0, 0, -1, -1, 1}, {2, 2, 3});
  const Tensor target = tensor<int64_t>({1, 1, 1, 0, 0, 0}, {2, 3});
  Accuracy accuracy, top({.top_k = 2});
  accuracy.update(scores, target);
  top.update(scores, target);
  EXPECT_EQ(accuracy.compute(), 4 / 6.0);
  EXPECT_EQ(top.compute(), 1);
  Accuracy of_bools;
  of_bools.update(zeros({3, 1}) > -1, ones({3, 1}) > 0);
  EXPECT_EQ(of_bools.compute(), 1);
}

TEST(Accuracy, MergesAndBatchesOfNothingChangeNothing) {
  Accuracy a, b, nothing;
  a.update(classes({1, 1}), classes({1, 2}));
  b.update(classes({3, 3}), classes({3, 3}));
  a.update(zeros({0, 5}), classes({}));
  a.merge(nothing);
  EXPECT_EQ(a.compute(), 0.5);
  a.merge(b);
  EXPECT_EQ(a.compute(), 0.75);
  nothing.merge(a);
  EXPECT_EQ(nothing.compute(), 0.75);
  EXPECT_EQ(b.compute(), 1);
  EXPECT_EQ(thrown_by([&] { a.merge(Accuracy({.top_k = 3})); }), "Accuracy: merge: top_k 1 with 3");
}

TEST(Accuracy, RefusesWhatDoesNotFit) {
  Accuracy accuracy, top({.top_k = 2});
  EXPECT_EQ(thrown_by([&] {
              accuracy.update(zeros({3, 2}), classes({1, 1}));
            }),
            "Accuracy: predictions are float32 [3, 2], targets int64 [2]; expected scores (N, C, "
            "...) or classes (N, ...), and classes (N, ...)");
  EXPECT_NE(thrown_by([&] { accuracy.update(zeros({3}), classes({1, 1, 0})); }), "");
  EXPECT_NE(thrown_by([&] { accuracy.update(zeros({3, 2}), zeros({3})); }), "");
  EXPECT_NE(thrown_by([&] { accuracy.update(zeros({3, 0}), classes({1, 1, 0})); }), "");
  EXPECT_NE(thrown_by([&] { top.update(classes({1, 1}), classes({1, 1})); }), "");
  EXPECT_NE(thrown_by([&] { top.update(zeros({2, 1}), classes({0, 0})); }), "");
  EXPECT_EQ(accuracy.count() + top.count(), 0);
  EXPECT_EQ(thrown_by([] { Accuracy({.top_k = 0}); }),
            "Accuracy: top_k is 0, it must be at least 1");
}

}  // namespace
}  // namespace tessera::nn
