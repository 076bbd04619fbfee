// SPDX-License-Identifier: Apache-2.0
//
// Copies, casts and moves between devices. All are differentiable; the gradient takes the way back.
#ifndef TESSERA_TENSOR_OPS_COPY_H_
#define TESSERA_TENSOR_OPS_COPY_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

// x itself if it has that dtype, else converted: floats to integers toward zero (out of range: any
// value), to bool as != 0, to the half types to nearest even.
Tensor to(const Tensor& x, DType dtype);

// x itself if it is there, else copied. Waits for x's device.
Tensor to(const Tensor& x, const Device& device);

// x itself if its elements stand side by side in row-major order, else a copy that does.
Tensor contiguous(const Tensor& x);

// A dense copy.
Tensor clone(const Tensor& x);

// Writes source, cast and broadcast, into target, which may be any view.
//   errors: kInvalidArgument if the shape does not broadcast; kFailedPrecondition if the tape needs
//           target's present value, or a gradient would be lost
Tensor& copy_(Tensor& target, const Tensor& source);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_COPY_H_
