// SPDX-License-Identifier: Apache-2.0
//
// Reductions over one dimension, several, or all ({}).
//   shape:  the reduced dimensions are dropped, or 1 with keepdim
//   errors: kOutOfRange for a dimension outside the tensor; kInvalidArgument for one named twice
// float32 sums are accumulated in float32 in several lanes or pairwise; the half types in float32.
// The result does not depend on the number of threads. With a `dtype` x is converted to it first.
#ifndef TESSERA_TENSOR_OPS_REDUCE_H_
#define TESSERA_TENSOR_OPS_REDUCE_H_

#include <optional>
#include <utility>

#include "tessera/tensor/tensor.h"

namespace tessera {

// dtype: of x, but int64 for integers and bool. No elements: 0 and 1.
Tensor sum(const Tensor& x, Dims dims = {}, bool keepdim = false,
           std::optional<DType> dtype = std::nullopt);
Tensor prod(const Tensor& x, Dims dims = {}, bool keepdim = false,
            std::optional<DType> dtype = std::nullopt);
// dtype: floating point. No elements: nan.
Tensor mean(const Tensor& x, Dims dims = {}, bool keepdim = false,
            std::optional<DType> dtype = std::nullopt);
// dtype: any. nan wins. The gradient is shared evenly among equal extremes.
//   errors: kInvalidArgument if a reduced dimension has no elements
Tensor amax(const Tensor& x, Dims dims = {}, bool keepdim = false);
Tensor amin(const Tensor& x, Dims dims = {}, bool keepdim = false);
std::pair<Tensor, Tensor> aminmax(const Tensor& x);  // amin, amax
std::pair<Tensor, Tensor> aminmax(const Tensor& x, int64_t dim, bool keepdim = false);
// Values and int64 indices along one dimension; the gradient goes to the element that was chosen.
std::pair<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim = false);
std::pair<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim = false);
// int64 index of the first extreme; nan counts as one. Not differentiable.
Tensor argmax(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor argmin(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor argmax(const Tensor& x);  // of the flattened tensor
Tensor argmin(const Tensor& x);
// bool; other dtypes are compared with zero first. Not differentiable.
Tensor any(const Tensor& x, Dims dims = {}, bool keepdim = false);
Tensor all(const Tensor& x, Dims dims = {}, bool keepdim = false);
// Sum of squared deviations over (n - correction), and its root, whose gradient is 0 at 0. dtype:
// floating point.
Tensor var(const Tensor& x, Dims dims = {}, int64_t correction = 1, bool keepdim = false);
Tensor std(const Tensor& x, Dims dims = {}, int64_t correction = 1, bool keepdim = false);
std::pair<Tensor, Tensor> var_mean(const Tensor& x, Dims dims = {}, int64_t correction = 1,
                                   bool keepdim = false);
std::pair<Tensor, Tensor> std_mean(const Tensor& x, Dims dims = {}, int64_t correction = 1,
                                   bool keepdim = false);
// log(sum(exp(x))), stable. dtype: floating point.
Tensor logsumexp(const Tensor& x, Dims dims, bool keepdim = false);
// How many elements are not zero, int64. Not differentiable.
Tensor count_nonzero(const Tensor& x, Dims dims = {});
// sum and mean of the elements that are not nan; of none 0 and nan. dtype: floating point.
Tensor nansum(const Tensor& x, Dims dims = {}, bool keepdim = false,
              std::optional<DType> dtype = std::nullopt);
Tensor nanmean(const Tensor& x, Dims dims = {}, bool keepdim = false,
               std::optional<DType> dtype = std::nullopt);

// x summed over what was broadcast from `shape`, so that it has that shape.
Tensor sum_to_shape(const Tensor& x, const Shape& shape);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_REDUCE_H_
