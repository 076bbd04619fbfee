// SPDX-License-Identifier: Apache-2.0
//
// softmax and its logarithm along one dimension.
//   shape:  x's
//   dtype:  floating point
//   errors: kOutOfRange for a dimension outside the tensor
// The maximum is subtracted first. A row of only -inf gives nan. Differentiable.
#ifndef TESSERA_TENSOR_OPS_SOFTMAX_H_
#define TESSERA_TENSOR_OPS_SOFTMAX_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

Tensor softmax(const Tensor& x, int64_t dim);
Tensor log_softmax(const Tensor& x, int64_t dim);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_SOFTMAX_H_
