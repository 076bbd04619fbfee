// SPDX-License-Identifier: Apache-2.0
//
// Bringing operands to one dtype and shape, as PyTorch does.
#ifndef TESSERA_TENSOR_PROMOTION_H_
#define TESSERA_TENSOR_PROMOTION_H_

#include <string_view>

#include "tessera/tensor/op_def.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// torch.result_type: the highest of kind bool < integer < floating decides; within it, tensors with
// dimensions count before tensors of rank 0, and both before C++ numbers.
DType result_type(TensorRefs operands);

// `number`, an immediate, as an immediate of another dtype (converted as a cast would).
Tensor cast_immediate(const Tensor& number, DType dtype);

// `x` as an operand of an elementwise op: cast to `dtype` and expanded to `shape`; immediates keep
// rank 0. Differentiable.
Tensor as_operand(const Tensor& x, DType dtype, const Shape& shape);

// The shape that all operands broadcast to. Throws Error naming `op` and the shapes.
Shape broadcast_operands(std::string_view op, TensorRefs operands);

}  // namespace tessera

#endif  // TESSERA_TENSOR_PROMOTION_H_
