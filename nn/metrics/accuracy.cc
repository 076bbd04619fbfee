// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/accuracy.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/nn/metrics/class_pairs.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::nn {

Accuracy::Accuracy(const AccuracyOptions& options) : options_(options) {
  if (options.top_k < 1) {
    raise_op_error("Accuracy", absl::InvalidArgumentError(absl::StrCat("top_k is ", options.top_k,
                                                                       ", it must be at least 1")));
  }
}

void Accuracy::update(const Tensor& predictions, const Tensor& targets) {
  NoGradGuard no_grad;
  Tensor correct;
  if (options_.top_k == 1) {
    const internal::ClassPairs pairs = internal::class_pairs("Accuracy", predictions, targets);
    correct = (pairs.predicted == pairs.target).sum();
  } else {
    if (!internal::are_scores(predictions, targets)) {
      internal::refuse_class_pairs("Accuracy", predictions, targets);
    }
    const Tensor best = predictions.topk(options_.top_k, 1).second;  // (N, top_k, ...)
    correct = (best == targets.to(kInt64).unsqueeze(1)).sum();
  }
  correct_ = correct_.defined() ? correct_ + correct : correct;
  count_ += targets.numel();
}

double Accuracy::compute() const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(correct_.item<int64_t>()) / static_cast<double>(count_);
}

void Accuracy::merge(const Accuracy& other) {
  if (other.options_.top_k != options_.top_k) {
    raise_op_error("Accuracy",
                   absl::InvalidArgumentError(absl::StrCat("merge: top_k ", options_.top_k,
                                                           " with ", other.options_.top_k)));
  }
  if (!other.correct_.defined()) return;
  NoGradGuard no_grad;
  correct_ = correct_.defined() ? correct_ + other.correct_.to(correct_.device()) : other.correct_;
  count_ += other.count_;
}

void Accuracy::reset() { *this = Accuracy(options_); }

}  // namespace tessera::nn
