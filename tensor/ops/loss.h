// SPDX-License-Identifier: Apache-2.0
//
// Losses that have a kernel of their own. nn/functional.h has the rest and PyTorch's options.
#ifndef TESSERA_TENSOR_OPS_LOSS_H_
#define TESSERA_TENSOR_OPS_LOSS_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

enum class Reduction { kNone = 0, kMean = 1, kSum = 2 };

// -log softmax(x)[target], averaged over the targets that are not `ignore_index` (nan if there is
// none), or summed.
//   shape:  x (N, C), target (N) -> ()
//   dtype:  x floating point, target int64
//   errors: kInvalidArgument for other shapes or kNone; kOutOfRange for a target outside [0, C)
// Differentiable in x.
Tensor cross_entropy(const Tensor& x, const Tensor& target, Reduction reduction = Reduction::kMean,
                     int64_t ignore_index = -100);

// max(x, 0) - x y + log(1 + exp(-|x|)): binary cross-entropy of y and sigmoid(x), mean or sum.
//   shape:  x (S), y (S) -> ()
//   dtype:  one floating point dtype
// Differentiable in both.
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& y,
                                        Reduction reduction = Reduction::kMean);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_LOSS_H_
