// SPDX-License-Identifier: Apache-2.0
//
// Normalisation of every sample by itself: over its last dimensions, or over groups of channels.
//   dtype:  one floating point dtype; float16 and bfloat16 are computed in float32
//   errors: kInvalidArgument for shapes that do not fit, with both; for dtypes that differ
// Differentiable. batch_norm.h normalises channels over the batch.
#ifndef TESSERA_TENSOR_OPS_LAYER_NORM_H_
#define TESSERA_TENSOR_OPS_LAYER_NORM_H_

#include <cstdint>
#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera {

// (x - mean) / sqrt(var + eps) * weight + bias, mean and (biased) variance over the last
// normalized_shape.rank() dimensions.
//   shape:  x (B.., S..), normalized_shape S, weight (S) or undefined, bias (S) or undefined
//           -> (B.., S..)
//   source: Ba, Kiros and Hinton, 2016
Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

// x / sqrt(mean(x^2) + eps) * weight, the mean over the last dimensions.
//   shape:  as layer_norm
//   eps:    by default the machine epsilon of the dtype that is computed in
//   source: Zhang and Sennrich, 2019
Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = std::nullopt);

// (x - mean) / sqrt(var + eps) * weight + bias, mean and (biased) variance of every sample over a
// group of C / num_groups neighbouring channels.
//   shape:  x (N, C, S..), weight (C) or undefined, bias (C) or undefined -> (N, C, S..)
//   errors: also kInvalidArgument for a num_groups that does not divide C
//   source: Wu and He, 2018
Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_LAYER_NORM_H_
