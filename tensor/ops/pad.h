// SPDX-License-Identifier: Apache-2.0
//
// Padding with a number, or with what stands in the tensor (torch.nn.functional.pad).
//
//   pad(x, {1, 2});                         // zeros, one before and two after the last dimension
//   pad(x, {1, 1, 2, 2}, PadMode::kReflect);
#ifndef TESSERA_TENSOR_OPS_PAD_H_
#define TESSERA_TENSOR_OPS_PAD_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

enum class PadMode {
  kConstant,
  kReflect,    // mirrored at the border element, which is not repeated: cb|abcd|cb
  kReplicate,  // the border element again: aa|abcd|dd
  kCircular,   // from the other end: cd|abcd|ab
};

// `padding` is {before, after} of the last dimension, then of the one before it ...; negative: cuts
// off. `value` is for kConstant.
//   dtype:  any
//   errors: kInvalidArgument for padding without a pair for each of at most all dimensions; for
//           kReflect that is not below the size, kCircular above it, kReplicate of nothing
// Differentiable.
Tensor pad(const Tensor& x, Dims padding, PadMode mode, double value = 0);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_PAD_H_
