// SPDX-License-Identifier: Apache-2.0
//
// Running sums and products along one dimension, and order.
//   shape:  x's, unless said
//   errors: kOutOfRange for a dimension outside the tensor
#ifndef TESSERA_TENSOR_OPS_SCAN_H_
#define TESSERA_TENSOR_OPS_SCAN_H_

#include <optional>
#include <utility>

#include "tessera/tensor/tensor.h"

namespace tessera {

// dtype: of x, but int64 for integers and bool; with a `dtype` x is converted to it first.
//   errors: kInvalidArgument for the dtype bool
// Differentiable.
Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype = std::nullopt);
Tensor cumprod(const Tensor& x, int64_t dim, std::optional<DType> dtype = std::nullopt);

// Values and int64 indices. Stable; nan is greatest. Differentiable in the values.
std::pair<Tensor, Tensor> sort(const Tensor& x, int64_t dim = -1, bool descending = false);
Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false);

// The k largest (or smallest) in order: values and int64 indices, k along `dim`. nan is greatest.
//   errors: kOutOfRange if k is not in [0, size of dim]
std::pair<Tensor, Tensor> topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_SCAN_H_
