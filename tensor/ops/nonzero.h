// SPDX-License-Identifier: Apache-2.0
//
// Results whose shape depends on values. Each of these waits for the device: positions are found on
// the host.
#ifndef TESSERA_TENSOR_OPS_NONZERO_H_
#define TESSERA_TENSOR_OPS_NONZERO_H_

#include <cstdint>
#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera {

// The row-major positions of the elements that are not zero (nan counts), ascending, on the host.
std::vector<int64_t> nonzero_positions(const Tensor& x);

// Their indices, int64, one row each in row-major order.
//   shape:  x of rank r with n such elements -> (n, r)
// Not differentiable.
Tensor nonzero(const Tensor& x);

// The same by columns: one int64 vector (n) per dimension, as indices are written. Rank 0 counts as
// one dimension.
std::vector<Tensor> where(const Tensor& condition);

// The elements of x at which mask (bool) is true, in row-major order; both broadcast.
//   shape:  (n)
//   dtype:  of x
//   errors: kInvalidArgument if mask is not bool or shapes do not broadcast
// Differentiable in x.
Tensor masked_select(const Tensor& x, const Tensor& mask);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_NONZERO_H_
