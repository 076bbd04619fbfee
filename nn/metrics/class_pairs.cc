// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/class_pairs.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn::internal {

bool are_scores(const Tensor& predictions, const Tensor& targets) {
  if (!predictions.is_floating_point() || targets.is_floating_point() || targets.dim() < 1 ||
      predictions.dim() != targets.dim() + 1 || predictions.size(1) < 1) {
    return false;
  }
  for (int64_t d = 0; d < targets.dim(); ++d) {
    if (targets.size(d) != predictions.size(d == 0 ? 0 : d + 1)) return false;
  }
  return true;
}

void refuse_class_pairs(const char* metric, const Tensor& predictions, const Tensor& targets) {
  raise_op_error(
      metric,
      absl::InvalidArgumentError(absl::StrCat(
          "predictions are ", dtype_name(predictions.dtype()), " ", predictions.shape().to_string(),
          ", targets ", dtype_name(targets.dtype()), " ", targets.shape().to_string(),
          "; expected scores (N, C, ...) or classes (N, ...), and classes (N, ...)")));
}

ClassPairs class_pairs(const char* metric, const Tensor& predictions, const Tensor& targets) {
  if (are_scores(predictions, targets)) {
    return {predictions.argmax(1).flatten(), targets.to(kInt64).flatten()};
  }
  if (targets.dim() < 1 || predictions.shape() != targets.shape() ||
      predictions.is_floating_point() || targets.is_floating_point()) {
    refuse_class_pairs(metric, predictions, targets);
  }
  return {predictions.to(kInt64).flatten(), targets.to(kInt64).flatten()};
}

}  // namespace tessera::nn::internal
