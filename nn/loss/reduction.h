// SPDX-License-Identifier: Apache-2.0
//
// What all losses share: how their values are reduced, and checks of operands.
#ifndef TESSERA_NN_LOSS_REDUCTION_H_
#define TESSERA_NN_LOSS_REDUCTION_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/loss.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

using tessera::Reduction;
inline constexpr Reduction kNone = Reduction::kNone;
inline constexpr Reduction kMean = Reduction::kMean;
inline constexpr Reduction kSum = Reduction::kSum;

struct LossOptions {
  Reduction reduction = kMean;
};

namespace functional::internal {

// The mean (nan of no elements), the sum, or all.
Tensor reduced(const Tensor& losses, Reduction reduction);

// Throws kInvalidArgument: the loss's name, then `parts` put together.
template <class... Parts>
[[noreturn]] void refuse(std::string_view loss, const Parts&... parts) {
  raise_op_error(loss, absl::InvalidArgumentError(absl::StrCat(parts...)));
}

// PyTorch broadcasts here and warns, since it is nearly always a mistake ((64, 1) against (64)).
void check_same_shape(std::string_view loss, const Tensor& input, const Tensor& target);

// Throws unless weight is undefined or has shape (classes).
void check_class_weight(std::string_view loss, const Tensor& weight, int64_t classes);

}  // namespace functional::internal
}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_REDUCTION_H_
