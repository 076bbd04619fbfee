// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/accuracy.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/nn/metrics/class_pairs.h"
#include "tessera/nn/metrics/sample_weight.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::nn {

Accuracy::Accuracy(const AccuracyOptions& options) : options_(options) {
  if (options.top_k < 1) {
    raise_op_error("Accuracy", absl::InvalidArgumentError(absl::StrCat("top_k is ", options.top_k,
                                                                       ", it must be at least 1")));
  }
}

void Accuracy::update(const Tensor& predictions, const Tensor& targets,
                      const Tensor& sample_weight) {
  if (step_recorder() != nullptr) {
    return internal::update_each_time(this, predictions, targets, sample_weight);
  }
  NoGradGuard no_grad;
  const Tensor weight = internal::sample_weight("Accuracy", sample_weight, targets.shape());
  Tensor is_right;  // (n)
  if (options_.top_k == 1) {
    const internal::ClassPairs pairs = internal::class_pairs("Accuracy", predictions, targets);
    is_right = pairs.predicted == pairs.target;
  } else {
    if (!internal::are_scores(predictions, targets)) {
      internal::refuse_class_pairs("Accuracy", predictions, targets);
    }
    const Tensor best = predictions.topk(options_.top_k, 1).second;  // (N, top_k, ...)
    is_right = (best == targets.to(kInt64).unsqueeze(1)).any({1}).flatten();
  }
  if (weight.defined()) {
    correct_weight_.add((weight.flatten() * is_right.to(weight.dtype())).sum());
  } else {
    const Tensor correct = is_right.sum();
    correct_ = correct_.defined() ? correct_ + correct : correct;
  }
  total_.add(targets.numel(), weight);
}

double Accuracy::compute() const {
  const double total = total_.value();
  if (total == 0) return std::numeric_limits<double>::quiet_NaN();
  double correct = correct_.defined() ? static_cast<double>(correct_.item<int64_t>()) : 0;
  for (double weight : correct_weight_.values()) correct += weight;
  return correct / total;
}

void Accuracy::merge(const Accuracy& other) {
  if (other.options_.top_k != options_.top_k) {
    raise_op_error("Accuracy",
                   absl::InvalidArgumentError(absl::StrCat("merge: top_k ", options_.top_k,
                                                           " with ", other.options_.top_k)));
  }
  NoGradGuard no_grad;
  if (other.correct_.defined()) {
    correct_ =
        correct_.defined() ? correct_ + other.correct_.to(correct_.device()) : other.correct_;
  }
  correct_weight_.merge(other.correct_weight_);
  total_.merge(other.total_);
}

void Accuracy::reset() { *this = Accuracy(options_); }

}  // namespace tessera::nn
