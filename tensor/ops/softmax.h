// SPDX-License-Identifier: Apache-2.0
//
// softmax and its logarithm along one dimension.
//   shape:  x's
//   dtype:  floating point; with a `dtype` x, of any, is converted to that first
//   errors: kOutOfRange for a dimension outside the tensor
// The maximum is subtracted first. A row of only -inf gives nan. Differentiable.
#ifndef TESSERA_TENSOR_OPS_SOFTMAX_H_
#define TESSERA_TENSOR_OPS_SOFTMAX_H_

#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera {

Tensor softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = std::nullopt);
Tensor log_softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = std::nullopt);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_SOFTMAX_H_
