// SPDX-License-Identifier: Apache-2.0
//
// Scores and targets of all samples, for metrics that need their order. For nn/metrics.
#ifndef TESSERA_NN_METRICS_GATHERED_SCORES_H_
#define TESSERA_NN_METRICS_GATHERED_SCORES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tessera/nn/metrics/average.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn::internal {

// Samples of equal score: the weight of those of the class, and of those that are not.
struct ScoreGroup {
  double score = 0;
  double positives = 0;
  double negatives = 0;
};
// By falling score. Samples of weight 0 are left out.
using ScoreGroups = std::vector<ScoreGroup>;

class GatheredScores {
 public:
  // `metric` names the metric in errors.
  explicit GatheredScores(const char* metric) : metric_(metric) {}

  // Keeps copies, on the tensors' device.
  //   shape:  scores (N), (N, 1): of class 1 against 0, with targets of the same shape or (N); or
  //           (N, C), with classes (N), or 0 and 1 (N, C) for labels of which a sample has any
  //           number. sample_weight (N)
  //   dtype:  scores: floating point; targets: any
  //   errors: throws kInvalidArgument for others, or if the kind changes between calls
  void update(const Tensor& scores, const Tensor& targets, const Tensor& sample_weight = {});
  void merge(const GatheredScores& other);
  void reset() { *this = GatheredScores(metric_); }

  bool empty() const { return count_ == 0; }

  // The groups of each class (one for scores (N)). Waits for the device.
  //   errors: throws kOutOfRange for a target that is no class; kInvalidArgument for a nan score
  std::vector<ScoreGroups> groups() const;
  // The same of all (sample, class) pairs together.
  ScoreGroups micro_groups() const;

  // `of_groups` of every class.
  std::vector<double> per_class(const std::function<double(const ScoreGroups&)>& of_groups) const;
  // Their average; of scores (N) the only one. nan if empty.
  //   errors: throws kInvalidArgument for Average::kBinary with several classes
  double average(const std::function<double(const ScoreGroups&)>& of_groups, Average average) const;

 private:
  // (n x columns_) of all batches, by row; whether each is a positive; each row's weight.
  struct OnHost {
    std::vector<double> scores;
    std::vector<uint8_t> positive;
    std::vector<double> weights;
    // Of column `column`; -1: of all together.
    ScoreGroups groups(int64_t column, int64_t columns) const;
  };
  OnHost read() const;
  [[noreturn]] void refuse(const std::string& what) const;

  const char* metric_;
  int64_t columns_ = 0;      // 1: binary; 0: not known yet
  bool multilabel_ = false;  // targets are (N, C)
  int64_t count_ = 0;
  std::vector<Tensor> scores_, targets_, weights_;  // weights: undefined for batches without
};

}  // namespace tessera::nn::internal

#endif  // TESSERA_NN_METRICS_GATHERED_SCORES_H_
