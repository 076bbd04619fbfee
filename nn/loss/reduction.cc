// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/loss/reduction.h"

namespace tessera::nn::functional::internal {

Tensor reduced(const Tensor& losses, Reduction reduction) {
  switch (reduction) {
    case kMean:
      return losses.mean();
    case kSum:
      return losses.sum();
    case kNone:
      break;
  }
  return losses;
}

void check_same_shape(std::string_view loss, const Tensor& input, const Tensor& target) {
  if (input.shape() != target.shape()) {
    refuse(loss, "input has shape ", input.shape().to_string(), ", target ",
           target.shape().to_string());
  }
}

void check_class_weight(std::string_view loss, const Tensor& weight, int64_t classes) {
  if (weight.defined() && weight.shape() != Shape{classes}) {
    refuse(loss, "weight has shape ", weight.shape().to_string(), ", expected [", classes, "]");
  }
}

}  // namespace tessera::nn::functional::internal
