// SPDX-License-Identifier: Apache-2.0
//
// Order statistics and counts.
#ifndef TESSERA_TENSOR_OPS_STATISTICS_H_
#define TESSERA_TENSOR_OPS_STATISTICS_H_

#include <optional>
#include <string_view>
#include <utility>

#include "tessera/tensor/tensor.h"

namespace tessera {

// The middle element in order; of an even number the lower of the two. nan if there is one.
// Of all elements; of none nan. The gradient is shared evenly among those equal to it.
//   errors: kInvalidArgument if there is none of an integer dtype
Tensor median(const Tensor& x);
// Along a dimension that has elements, values and int64 indices: the gradient goes to the element
// that was chosen.
std::pair<Tensor, Tensor> median(const Tensor& x, int64_t dim, bool keepdim = false);

// The value below which the fraction q of the elements lies, of all elements or along `dim`. nan if
// there is one.
//   shape:  q a number or of rank 0: as a reduction. q (k): k such results along a new first
//           dimension
//   dtype:  floating point; q of that dtype
//   errors: kInvalidArgument if there is no element, q is not in [0, 1] (which waits for q's
//           device), q has another rank or dtype, or the interpolation has another name
// Between two elements i, j at the fraction f: "linear" i + f (j - i), "lower" i, "higher" j,
// "midpoint" (i + j) / 2, "nearest" the nearer, of two the one with the even place. Differentiable
// in x.
Tensor quantile(const Tensor& x, const Tensor& q, std::optional<int64_t> dim = std::nullopt,
                bool keepdim = false, std::string_view interpolation = "linear");

// How many elements fall into each of `bins` equal parts of [min, max]; if both are equal, of x's
// extremes, which waits for the device. Elements outside and nan are not counted; max is in the
// last part.
//   shape:  any -> (bins)
//   dtype:  floating point, x's
//   errors: kInvalidArgument if bins < 1, min > max, or a bound is not finite
// Not differentiable.
Tensor histc(const Tensor& x, int64_t bins = 100, double min = 0, double max = 0);

// How often each number comes, or the sum of the weights where it does.
//   shape:  x (n) -> (greatest + 1), at least minlength
//   dtype:  x int32, int64 or uint8 -> int64; with weights float32 or float64, theirs, or float64
//   errors: kInvalidArgument for another rank or dtype, or weights of another shape; kOutOfRange
//           for a negative number
// Waits for the device. Differentiable in the weights.
Tensor bincount(const Tensor& x, const Tensor& weights = {}, int64_t minlength = 0);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_STATISTICS_H_
