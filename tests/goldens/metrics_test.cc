// SPDX-License-Identifier: Apache-2.0
//
// Metrics against scikit-learn, in batches of uneven sizes, and merged from two halves.
#include "tessera/nn/metrics/metrics.h"

#include <cmath>
#include <limits>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

using nn::Average;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Average kAverages[] = {Average::kMicro, Average::kMacro, Average::kWeighted};

// Feeds a metric rows [begin, end) in batches of up to 7.
template <class Metric>
void update(Metric& metric, const Tensor& predictions, const Tensor& targets, const Tensor& weights,
            int64_t begin, int64_t end) {
  for (int64_t at = begin; at < end; at += 7) {
    const auto rows = [&](const Tensor& x) {
      return x.defined() ? x.narrow(0, at, std::min<int64_t>(7, end - at)) : x;
    };
    metric.update(rows(predictions), rows(targets), rows(weights));
  }
}

// `metric` after all rows; odd rows' half goes through another one that is merged.
template <class Metric>
Metric seen(const Metric& metric, const Tensor& predictions, const Tensor& targets,
            const Tensor& weights = {}) {
  const int64_t rows = targets.size(0), half = rows / 3;
  Metric first = metric, second = metric;
  update(first, predictions, targets, weights, 0, half);
  update(second, predictions, targets, weights, half, rows);
  first.merge(second);
  return first;
}

Tensor doubles(const std::vector<double>& values) { return tensor<double>(values); }

std::string bytes(const Tensor& x) {
  const std::vector<uint8_t> values = x.to_vector<uint8_t>();
  return std::string(values.begin(), values.end());
}

// scikit-learn prints 41.0 for the support where no prediction is right.
std::string whole_supports(const std::string& report) {
  return std::regex_replace(report, std::regex("  ( *\\d+)\\.0\n"), "    $1\n");
}

const struct {
  const char* name;
  double value;
} kBetas[] = {{"0", 0}, {"0.5", 0.5}, {"1", 1}, {"2", 2}, {"inf", kInfinity}},
  kZeros[] = {{"0", 0}, {"1", 1}, {"nan", std::nan("")}};

TEST(MetricGoldens, ClassesAndTheirAverages) {
  for (const GoldenCase& golden : load_goldens("metrics", "classes/")) {
    SCOPED_TRACE(golden.name);
    const nn::ConfusionMatrix confusion =
        seen(nn::ConfusionMatrix(golden.integer("num_classes", 0), golden.texts("names")),
             golden.tensor("predicted"), golden.tensor("target"));
    EXPECT_EQ(confusion.counts(), golden.tensor("counts").to_vector<int64_t>());
    EXPECT_DOUBLE_EQ(confusion.accuracy(), golden.tensor("accuracy").item<double>());
    const nn::Accuracy accuracy =
        seen(nn::Accuracy(), golden.tensor("predicted"), golden.tensor("target"));
    EXPECT_DOUBLE_EQ(accuracy.compute(), golden.tensor("accuracy").item<double>());
    for (const auto& beta : kBetas) {
      for (const auto& zero : kZeros) {
        const std::string key = absl::StrCat("beta", beta.name, "_zero", zero.name);
        SCOPED_TRACE(key);
        const nn::AverageScoresOptions options = {
            .beta = beta.value, .labels = golden.integers("labels"), .zero_division = zero.value};
        std::vector<double> classes[4];
        for (const nn::ClassScores& s : nn::precision_recall_fscore_support(confusion, options)) {
          classes[0].push_back(s.precision);
          classes[1].push_back(s.recall);
          classes[2].push_back(s.fbeta);
          classes[3].push_back(s.support);
        }
        for (int64_t row = 0; row < 4; ++row) {
          expect_close(doubles(classes[row]), golden.tensor(key + "_classes")[row]);
        }
        std::vector<double> averages;
        for (Average average : kAverages) {
          const nn::ClassScores s =
              nn::average_precision_recall_fscore(confusion, average, options);
          averages.insert(averages.end(), {s.precision, s.recall, s.fbeta});
          const nn::PrecisionRecallOptions same = {
              .average = average, .labels = options.labels, .zero_division = options.zero_division};
          expect_close(
              doubles({nn::precision_score(confusion, same), nn::recall_score(confusion, same),
                       nn::fbeta_score(confusion, beta.value, same)}),
              doubles({s.precision, s.recall, s.fbeta}), 0);
        }
        expect_close(doubles(averages), golden.tensor(key + "_averages").flatten());
      }
    }
  }
}

TEST(MetricGoldens, BinaryScores) {
  for (const GoldenCase& golden : load_goldens("metrics", "classes/")) {
    if (!golden.has("binary")) continue;
    SCOPED_TRACE(golden.name);
    const nn::ConfusionMatrix confusion =
        seen(nn::ConfusionMatrix(2), golden.tensor("predicted"), golden.tensor("target"));
    for (int64_t label : {0, 1}) {
      const nn::PrecisionRecallOptions options = {.pos_label = label};
      expect_close(
          doubles({nn::precision_score(confusion, options), nn::recall_score(confusion, options),
                   nn::f1_score(confusion, options), nn::fbeta_score(confusion, 2, options)}),
          golden.tensor("binary")[label]);
    }
  }
}

TEST(MetricGoldens, ReportsCharacterForCharacter) {
  for (const GoldenCase& golden : load_goldens("metrics", "classes/")) {
    SCOPED_TRACE(golden.name);
    const nn::ConfusionMatrix confusion =
        seen(nn::ConfusionMatrix(golden.integer("num_classes", 0), golden.texts("names")),
             golden.tensor("predicted"), golden.tensor("target"));
    for (int digits : {0, 2, 3, 15}) {
      for (const auto& zero : kZeros) {
        EXPECT_EQ(nn::classification_report(confusion, {.labels = golden.integers("labels"),
                                                        .digits = digits,
                                                        .zero_division = zero.value}),
                  whole_supports(
                      bytes(golden.tensor(absl::StrCat("report", digits, "_zero", zero.name)))));
      }
    }
  }
}

TEST(MetricGoldens, TopK) {
  for (const GoldenCase& golden : load_goldens("metrics", "top_k")) {
    for (int64_t k = 1; k <= 7; ++k) {
      const nn::Accuracy accuracy =
          seen(nn::Accuracy({.top_k = k}), golden.tensor("scores"), golden.tensor("target"));
      EXPECT_DOUBLE_EQ(accuracy.compute(), golden.tensor("accuracy")[k - 1].item<double>()) << k;
    }
  }
}

template <class Metric>
void check_ranking(const GoldenCase& golden, const std::string& key) {
  const Tensor &scores = golden.tensor("scores"), &target = golden.tensor("target");
  const Metric metric = seen(Metric(), scores, target);
  expect_close(doubles(metric.compute_per_class()), golden.tensor(key + "_classes"));
  if (!golden.has(key)) {
    expect_close(doubles({metric.compute()}), golden.tensor(key + "_classes"));
    return;
  }
  std::vector<double> averages;
  for (Average average : kAverages) {
    averages.push_back(seen(Metric({.average = average}), scores, target).compute());
  }
  expect_close(doubles(averages), golden.tensor(key));
}

TEST(MetricGoldens, Ranking) {
  for (const GoldenCase& golden : load_goldens("metrics", "ranking/")) {
    SCOPED_TRACE(golden.name);
    check_ranking<nn::AUROC>(golden, "roc");
    check_ranking<nn::AveragePrecision>(golden, "precision");
  }
}

TEST(MetricGoldens, LogLoss) {
  for (const GoldenCase& golden : load_goldens("metrics", "log_loss/")) {
    SCOPED_TRACE(golden.name);
    const bool is_float32 = golden.tensor("p").dtype() == kFloat32;
    const nn::LogLoss loss = seen(nn::LogLoss(), golden.tensor("p"), golden.tensor("target"));
    // float32: logarithms that are off by an ulp.
    expect_close(doubles({loss.compute()}), golden.tensor("loss"), is_float32 ? 1e-6 : 1e-12);
  }
}

TEST(MetricGoldens, Regression) {
  for (const GoldenCase& golden : load_goldens("metrics", "regression/")) {
    SCOPED_TRACE(golden.name);
    const Tensor &p = golden.tensor("prediction"), &y = golden.tensor("target");
    // float32: each difference of numbers near 1e4 is exact, its square is off by half an ulp.
    const double tolerance = y.dtype() == kFloat32 ? 1e-6 : 1e-12;
    const auto check = [&](const char* key, const auto& metric) {
      SCOPED_TRACE(key);
      expect_close(doubles(metric.compute_per_output()),
                   golden.tensor(absl::StrCat(key, "_outputs")), tolerance);
      expect_close(doubles({metric.compute()}), golden.tensor(key), tolerance);
    };
    check("mse", seen(nn::MeanSquaredError(), p, y));
    check("rmse", seen(nn::MeanSquaredError({.squared = false}), p, y));
    check("mae", seen(nn::MeanAbsoluteError(), p, y));
    check("r2", seen(nn::R2Score(), p, y));
    if (!golden.has("r2_weighted")) continue;
    const nn::R2Score weighted =
        seen(nn::R2Score({.multioutput = nn::MultiOutput::kVarianceWeighted}), p, y);
    expect_close(doubles({weighted.compute()}), golden.tensor("r2_weighted"), tolerance);
  }
}

TEST(MetricGoldens, WeightedClasses) {
  for (const GoldenCase& golden : load_goldens("metrics", "weighted_classes/")) {
    SCOPED_TRACE(golden.name);
    const Tensor &predicted = golden.tensor("predicted"), &target = golden.tensor("target"),
                 &weight = golden.tensor("weight");
    const nn::ConfusionMatrix confusion =
        seen(nn::ConfusionMatrix(golden.integer("num_classes", 0)), predicted, target, weight);
    expect_close(doubles(confusion.weights()), golden.tensor("matrix").flatten());
    expect_close(doubles({confusion.accuracy()}), golden.tensor("accuracy"));
    expect_close(doubles({seen(nn::Accuracy(), predicted, target, weight).compute()}),
                 golden.tensor("accuracy"));
    std::vector<double> columns[4], averages;
    for (const nn::ClassScores& s : nn::precision_recall_fscore_support(confusion, {.beta = 0.5})) {
      columns[0].push_back(s.precision);
      columns[1].push_back(s.recall);
      columns[2].push_back(s.fbeta);
      columns[3].push_back(s.support);
    }
    for (int64_t i = 0; i < 4; ++i) {
      expect_close(doubles(columns[i]), golden.tensor("classes")[i]);
    }
    for (Average average : kAverages) {
      const nn::ClassScores s =
          nn::average_precision_recall_fscore(confusion, average, {.beta = 0.5});
      averages.insert(averages.end(), {s.precision, s.recall, s.fbeta});
    }
    expect_close(doubles(averages), golden.tensor("averages").flatten());
    EXPECT_EQ(nn::classification_report(confusion), bytes(golden.tensor("report")));
  }
}

TEST(MetricGoldens, WeightedRankingAndCurves) {
  for (const GoldenCase& golden : load_goldens("metrics", "weighted_ranking/")) {
    SCOPED_TRACE(golden.name);
    const Tensor &scores = golden.tensor("scores"), &target = golden.tensor("target");
    const Tensor weight = golden.optional_tensor("weight");
    std::vector<double> roc, precision;
    for (Average average : kAverages) {
      roc.push_back(seen(nn::AUROC({.average = average}), scores, target, weight).compute());
      precision.push_back(
          seen(nn::AveragePrecision({.average = average}), scores, target, weight).compute());
    }
    const size_t values = static_cast<size_t>(golden.tensor("roc").numel());  // 1 for scores (N)
    roc.resize(values);
    precision.resize(values);
    expect_close(doubles(roc), golden.tensor("roc"));
    expect_close(doubles(precision), golden.tensor("precision"));
    if (scores.dim() != 1) continue;
    for (bool drop : {false, true}) {
      SCOPED_TRACE(drop);
      const nn::RocCurve curve =
          nn::roc_curve(scores, target, {.drop_intermediate = drop, .sample_weight = weight});
      const Tensor& points = golden.tensor(absl::StrCat("roc_curve", drop ? 1 : 0));
      expect_close(doubles(curve.fpr), points[0]);
      expect_close(doubles(curve.tpr), points[1]);
      expect_close(doubles(curve.thresholds), points[2]);
      nn::PrecisionRecallCurve pr = nn::precision_recall_curve(
          scores, target, {.drop_intermediate = drop, .sample_weight = weight});
      pr.thresholds.push_back(std::nan(""));
      const Tensor& rows = golden.tensor(absl::StrCat("precision_recall_curve", drop ? 1 : 0));
      expect_close(doubles(pr.precision), rows[0]);
      expect_close(doubles(pr.recall), rows[1]);
      expect_close(doubles(pr.thresholds), rows[2]);
    }
  }
}

TEST(MetricGoldens, WeightedLogLoss) {
  for (const GoldenCase& golden : load_goldens("metrics", "weighted_log_loss/")) {
    SCOPED_TRACE(golden.name);
    const nn::LogLoss loss =
        seen(nn::LogLoss(), golden.tensor("p"), golden.tensor("target"), golden.tensor("weight"));
    expect_close(doubles({loss.compute()}), golden.tensor("loss"));
  }
}

TEST(MetricGoldens, WeightedRegression) {
  for (const GoldenCase& golden : load_goldens("metrics", "weighted_regression/")) {
    SCOPED_TRACE(golden.name);
    const auto check = [&](const char* key, const auto& metric) {
      SCOPED_TRACE(key);
      expect_close(doubles(seen(metric, golden.tensor("prediction"), golden.tensor("target"),
                                golden.tensor("weight"))
                               .compute_per_output()),
                   golden.tensor(key));
    };
    check("mse", nn::MeanSquaredError());
    check("rmse", nn::MeanSquaredError({.squared = false}));
    check("mae", nn::MeanAbsoluteError());
    check("r2", nn::R2Score());
    const nn::R2Score weighted =
        seen(nn::R2Score({.multioutput = nn::MultiOutput::kVarianceWeighted}),
             golden.tensor("prediction"), golden.tensor("target"), golden.tensor("weight"));
    expect_close(doubles({weighted.compute()}), golden.tensor("r2_weighted"));
  }
}

}  // namespace
}  // namespace tessera::goldens
