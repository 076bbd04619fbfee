// SPDX-License-Identifier: Apache-2.0
//
// Weights of samples in all metrics. tests/goldens holds scikit-learn's values; here is what it
// does not have: batches with weights and without, weights of other dtypes, refusals.
#include <cmath>

#include "tessera/nn/metrics/metrics.h"
#include "tessera/nn/metrics/test_classes.h"

namespace tessera::nn {
namespace {

// A sample of weight 2 is two samples; batches with weights and without may come in any order, and
// through merge().
template <class Metric>
void check_repeats(const Metric& metric, const Tensor& predictions, const Tensor& targets) {
  Metric weighted = metric, repeated = metric, other = metric;
  const Tensor weight = classes({2, 0, 1, 3});
  weighted.update(predictions, targets, weight);
  weighted.update(predictions, targets);
  other.update(predictions, targets, weight.to(kFloat64));
  weighted.merge(other);
  for (int64_t row : {0, 0, 2, 3, 3, 3}) {
    for (int i = 0; i < 2; ++i) {
      repeated.update(predictions.narrow(0, row, 1), targets.narrow(0, row, 1));
    }
  }
  repeated.update(predictions, targets);
  EXPECT_NEAR(weighted.compute(), repeated.compute(), 1e-6);  // predictions are float32
  EXPECT_NE(thrown_by([&] { weighted.update(predictions, targets, ones({3})); }), "");
  Metric of_nothing = metric;
  of_nothing.update(predictions, targets, zeros({4}));
  const double nothing = of_nothing.compute();
  EXPECT_TRUE(std::isnan(nothing) || (nothing == 0 && std::is_same_v<Metric, AveragePrecision>))
      << nothing;
}

TEST(SampleWeight, IsHowOftenASampleCounts) {
  const Tensor scores = tensor<float>(
      {0.5f, 0.25f, 0.25f, 0.125f, 0.5f, 0.375f, 0.25f, 0.5f, 0.25f, 0.125f, 0.125f, 0.75f},
      {4, 3});
  const Tensor y = classes({0, 2, 1, 1});
  check_repeats(Accuracy(), scores, y);
  check_repeats(Accuracy({.top_k = 2}), scores, y);
  check_repeats(LogLoss(), scores, y);
  check_repeats(AUROC(), scores.select(1, 0), y == 1);
  check_repeats(AveragePrecision(), scores.select(1, 2), y == 1);
  const Tensor prediction = scores.narrow(1, 0, 2), target = scores.narrow(1, 1, 2);
  check_repeats(MeanSquaredError(), prediction, target);
  check_repeats(MeanSquaredError({.squared = false}), prediction, target);
  check_repeats(MeanAbsoluteError(), prediction, target);
  check_repeats(R2Score(), prediction, target);
  check_repeats(R2Score({.multioutput = MultiOutput::kVarianceWeighted}), prediction, target);
}

TEST(SampleWeight, OfPixels) {
  Accuracy accuracy;
  ConfusionMatrix confusion(2);
  const Tensor predicted = tensor<int64_t>({0, 1, 1, 0}, {1, 2, 2});
  const Tensor target = tensor<int64_t>({0, 1, 0, 1}, {1, 2, 2});
  const Tensor weight = tensor<float>({1, 2, 0.5f, 0.5f}, {1, 2, 2});
  accuracy.update(predicted, target, weight);
  confusion.update(predicted, target, weight);
  EXPECT_EQ(accuracy.compute(), 0.75);
  EXPECT_EQ(confusion.accuracy(), 0.75);
  EXPECT_EQ(accuracy.count(), 4);
  EXPECT_EQ(thrown_by([&] { accuracy.update(predicted, target, weight.flatten()); }),
            "Accuracy: sample_weight is [4], expected [1, 2, 2], one for each sample");
}

TEST(SampleWeight, InAConfusionMatrix) {
  ConfusionMatrix confusion(3), other(3);
  confusion.update(classes({0, 1, 1}), classes({0, 0, 2}), tensor<float>({0.5f, 2, 0}));
  other.update(classes({1, 1}), classes({0, 1}));
  other.update(classes({1}), classes({1}), tensor<float>({0.25f}));
  confusion.merge(other);
  EXPECT_EQ(confusion.weights(), (std::vector<double>{0.5, 3, 0, 0, 1.25, 0, 0, 0, 0}));
  EXPECT_EQ(confusion.counts(), (std::vector<int64_t>{1, 2, 0, 0, 2, 0, 0, 1, 0}));
  EXPECT_EQ(confusion.target_weight(0), 3.5);
  EXPECT_EQ(confusion.prediction_weight(1), 4.25);
  EXPECT_EQ(confusion.to_string(),
            "        predicted\n"
            "target     0    1    2\n"
            "     0   0.5    3    0\n"
            "     1     0 1.25    0\n"
            "     2     0    0    0\n");
  EXPECT_EQ(classes_seen(confusion), (std::vector<int64_t>{0, 1, 2})) << "also of weight 0";
  confusion.reset();
  EXPECT_FALSE(confusion.has_weights());
  EXPECT_EQ(confusion.weights(), std::vector<double>(9));
}

}  // namespace
}  // namespace tessera::nn
