// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/sample_weight.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn::internal {

Tensor sample_weight(const char* metric, const Tensor& weight, const Shape& expected) {
  if (!weight.defined()) return weight;
  if (weight.shape() != expected) {
    raise_op_error(metric, absl::InvalidArgumentError(absl::StrCat(
                               "sample_weight is ", weight.shape().to_string(), ", expected ",
                               expected.to_string(), ", one for each sample")));
  }
  return weight.dtype() == kFloat64 ? weight : weight.to(kFloat32);
}

void WeightTotal::add(int64_t count, const Tensor& weight) {
  count_ += count;
  if (weight.defined()) {
    weights_.add(weight.sum());
  } else {
    plain_count_ += count;
  }
}

void WeightTotal::merge(const WeightTotal& other) {
  count_ += other.count_;
  plain_count_ += other.plain_count_;
  weights_.merge(other.weights_);
}

double WeightTotal::value() const {
  const std::vector<double> weights = weights_.values();
  return static_cast<double>(plain_count_) + (weights.empty() ? 0 : weights[0]);
}

}  // namespace tessera::nn::internal
