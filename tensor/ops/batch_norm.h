// SPDX-License-Identifier: Apache-2.0
//
// Normalisation of every channel over the batch.
//   shape:  x (N, C, S..), statistics, weight and bias (C); weight and bias may be undefined
//   dtype:  one floating point dtype for x, weight and bias; float16 and bfloat16 are computed in
//           float32, in which the statistics are
//   errors: kInvalidArgument for shapes that do not fit, with both; for dtypes that differ
//   source: Ioffe and Szegedy, 2015
#ifndef TESSERA_TENSOR_OPS_BATCH_NORM_H_
#define TESSERA_TENSOR_OPS_BATCH_NORM_H_

#include "tessera/tensor/tensor.h"

namespace tessera {

struct BatchNormResult {
  Tensor output;  // x's shape
  Tensor mean;    // (C), of this batch; no gradient flows through it
  Tensor var;     // (C), biased: over N and S.., divided by their number
};

// (x - mean) / sqrt(var + eps) * weight + bias with the statistics of x itself, through which
// gradients flow.
BatchNormResult batch_norm_training(const Tensor& x, const Tensor& weight = {},
                                    const Tensor& bias = {}, double eps = 1e-5);

// The same with given statistics. Differentiable in x, weight and bias.
Tensor batch_norm_inference(const Tensor& x, const Tensor& mean, const Tensor& var,
                            const Tensor& weight = {}, const Tensor& bias = {}, double eps = 1e-5);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_BATCH_NORM_H_
