// SPDX-License-Identifier: Apache-2.0
//
// AUROC: the area under the receiver operating characteristic, as sklearn.metrics.roc_auc_score
// with multi_class="ovr".
//
//   nn::AUROC auc;
//   auc.update(logits, y);  // (N) and (N): any scores that rise with the probability of class 1
//   auc.compute();
#ifndef TESSERA_NN_METRICS_ROC_AUC_H_
#define TESSERA_NN_METRICS_ROC_AUC_H_

#include <vector>

#include "tessera/nn/metrics/average.h"
#include "tessera/nn/metrics/gathered_scores.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

struct AUROCOptions {
  Average average =
      Average::kMacro;  // of the classes, each against the rest; unused for scores (N)
};

// The probability that a sample of the class has a greater score than one of another class, where
// equal scores count one half. Keeps all scores, on their device.
class AUROC {
 public:
  explicit AUROC(const AUROCOptions& options = {}) : options_(options) {}

  //   shape:  predictions (N) or (N, 1): scores of class 1 against class 0, targets of the same
  //           shape or (N); or (N, C) with classes (N), or with 0 and 1 (N, C) where a sample may
  //           be of several classes. sample_weight (N); samples of weight 0 count for nothing
  //   dtype:  predictions: floating point; targets: any, of whole numbers
  //   errors: throws kInvalidArgument for others, or if the kind changes between calls
  void update(const Tensor& predictions, const Tensor& targets, const Tensor& sample_weight = {}) {
    scores_.update(predictions, targets, sample_weight);
  }
  // In [0, 1]. nan if nothing was seen, or if a class, which is not left out of a weighted average
  // for want of targets, has no targets or all.
  //   errors: throws kOutOfRange for a target that is no class; kInvalidArgument if a score is nan,
  //           or for Average::kBinary with several classes
  double compute() const;
  // Of each class against the rest; one for scores (N).
  std::vector<double> compute_per_class() const;
  //   errors: throws kInvalidArgument if `other` has seen another number of classes
  void merge(const AUROC& other) { scores_.merge(other.scores_); }
  void reset() { scores_.reset(); }

 private:
  AUROCOptions options_;
  internal::GatheredScores scores_{"AUROC"};
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_ROC_AUC_H_
