// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/gathered_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/nn/metrics/sample_weight.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn::internal {

ScoreGroups GatheredScores::OnHost::groups(int64_t column, int64_t columns) const {
  const auto weight_of = [&](size_t i) { return weights[i / static_cast<size_t>(columns)]; };
  std::vector<size_t> order;
  for (size_t i = 0; i < scores.size(); ++i) {
    const bool in_column = column < 0 || static_cast<int64_t>(i) % columns == column;
    if (in_column && weight_of(i) != 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  ScoreGroups groups;
  for (size_t i : order) {
    if (groups.empty() || scores[i] != groups.back().score) groups.push_back({.score = scores[i]});
    (positive[i] != 0 ? groups.back().positives : groups.back().negatives) += weight_of(i);
  }
  return groups;
}

void GatheredScores::refuse(const std::string& what) const {
  raise_op_error(metric_, absl::InvalidArgumentError(what));
}

void GatheredScores::update(const Tensor& scores, const Tensor& targets,
                            const Tensor& sample_weight) {
  if (step_recorder() != nullptr) {
    return internal::update_each_time(this, scores, targets, sample_weight);
  }
  NoGradGuard no_grad;
  const bool binary = scores.dim() == 1 || (scores.dim() == 2 && scores.size(1) == 1);
  const bool same_shape = scores.shape() == targets.shape();
  const bool one_each =
      targets.dim() == 1 && scores.dim() >= 1 && targets.size(0) == scores.size(0);
  if (!scores.is_floating_point() || scores.dim() < 1 || scores.dim() > 2 ||
      !(same_shape || one_each) || (scores.dim() == 2 && scores.size(1) == 0)) {
    refuse(absl::StrCat("scores are ", dtype_name(scores.dtype()), " ", scores.shape().to_string(),
                        ", targets ", targets.shape().to_string(),
                        "; expected floating point (N) or (N, C), and (N) or (N, C)"));
  }
  const int64_t columns = binary ? 1 : scores.size(1);
  const bool multilabel = !binary && same_shape;
  if (columns_ != 0 && (columns != columns_ || multilabel != multilabel_)) {
    refuse(absl::StrCat("scores are ", scores.shape().to_string(), ", targets ",
                        targets.shape().to_string(), "; before, there were ", columns_,
                        multilabel_ ? " labels" : " classes"));
  }
  const Tensor weight = internal::sample_weight(metric_, sample_weight, {scores.size(0)});
  columns_ = columns;
  multilabel_ = multilabel;
  count_ += scores.size(0);
  weights_.push_back(weight.defined() ? weight.clone() : weight);
  scores_.push_back(scores.clone());
  targets_.push_back(targets.clone());
}

void GatheredScores::merge(const GatheredScores& other) {
  if (columns_ != 0 && other.columns_ != 0 &&
      (columns_ != other.columns_ || multilabel_ != other.multilabel_)) {
    refuse(absl::StrCat("merge: ", columns_, multilabel_ ? " labels with " : " classes with ",
                        other.columns_, other.multilabel_ ? " labels" : " classes"));
  }
  if (other.columns_ == 0) return;
  columns_ = other.columns_;
  multilabel_ = other.multilabel_;
  count_ += other.count_;
  const std::vector<Tensor> scores = other.scores_, targets = other.targets_,
                            weights = other.weights_;
  scores_.insert(scores_.end(), scores.begin(), scores.end());
  targets_.insert(targets_.end(), targets.begin(), targets.end());
  weights_.insert(weights_.end(), weights.begin(), weights.end());
}

GatheredScores::OnHost GatheredScores::read() const {
  OnHost host;
  int64_t nans = 0;
  // Classes are a column of their own; the target names it.
  const bool by_class = columns_ > 1 && !multilabel_;
  const double classes = by_class ? static_cast<double>(columns_) : 2;
  for (size_t batch = 0; batch < scores_.size(); ++batch) {
    for (double score : scores_[batch].to_vector<double>()) {
      host.scores.push_back(score);
      nans += std::isnan(score) ? 1 : 0;
    }
    if (weights_[batch].defined()) {
      const std::vector<double> weights = weights_[batch].to_vector<double>();
      host.weights.insert(host.weights.end(), weights.begin(), weights.end());
    } else {
      host.weights.resize(host.weights.size() + static_cast<size_t>(scores_[batch].size(0)), 1);
    }
    for (double target : targets_[batch].to_vector<double>()) {
      if (!(target >= 0 && target < classes && target == std::floor(target))) {
        raise_op_error(metric_, absl::OutOfRangeError(absl::StrCat("a target is ", target, ", of ",
                                                                   classes, " classes")));
      }
      if (!by_class) {
        host.positive.push_back(target == 1);
        continue;
      }
      for (int64_t c = 0; c < columns_; ++c) {
        host.positive.push_back(static_cast<int64_t>(target) == c);
      }
    }
  }
  if (nans != 0) refuse(absl::StrCat(nans, " of ", host.scores.size(), " scores are nan"));
  return host;
}

std::vector<ScoreGroups> GatheredScores::groups() const {
  const OnHost host = read();
  std::vector<ScoreGroups> groups;
  for (int64_t c = 0; c < columns_; ++c) {
    groups.push_back(host.groups(c, columns_));
  }
  return groups;
}

ScoreGroups GatheredScores::micro_groups() const { return read().groups(-1, columns_); }

std::vector<double> GatheredScores::per_class(
    const std::function<double(const ScoreGroups&)>& of_groups) const {
  std::vector<double> values;
  for (const ScoreGroups& class_groups : groups()) values.push_back(of_groups(class_groups));
  return values;
}

double GatheredScores::average(const std::function<double(const ScoreGroups&)>& of_groups,
                               Average average) const {
  if (empty()) return std::numeric_limits<double>::quiet_NaN();
  if (columns_ == 1) return of_groups(groups()[0]);
  if (average == Average::kBinary) {
    refuse(absl::StrCat("Average::kBinary is for scores (N), these are of ", columns_, " classes"));
  }
  if (average == Average::kMicro) return of_groups(micro_groups());
  double sum = 0, weights = 0;
  for (const ScoreGroups& class_groups : groups()) {
    double weight = 1;
    if (average == Average::kWeighted) {
      weight = 0;
      for (const ScoreGroup& g : class_groups) weight += g.positives;
      if (weight == 0) continue;  // whatever its value is
    }
    sum += weight * of_groups(class_groups);
    weights += weight;
  }
  return weights == 0 ? 0 : sum / weights;
}

}  // namespace tessera::nn::internal
