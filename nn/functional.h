// SPDX-License-Identifier: Apache-2.0
//
// What layers compute, as functions (torch.nn.functional). Most are ops of tensor/ops, under their
// PyTorch names here too; losses are in nn/functional_loss.h.
//
//   namespace F = tessera::nn::functional;
//   Tensor y = F::dropout(F::relu(F::linear(x, weight, bias)), 0.1, is_training());
#ifndef TESSERA_NN_FUNCTIONAL_H_
#define TESSERA_NN_FUNCTIONAL_H_

#include <cstdint>

#include "tessera/nn/functional_activation.h"  // IWYU pragma: export
#include "tessera/nn/functional_distance.h"    // IWYU pragma: export
#include "tessera/nn/functional_dropout.h"     // IWYU pragma: export
#include "tessera/tensor/ops/adaptive_pool.h"
#include "tessera/tensor/ops/attention.h"
#include "tessera/tensor/ops/conv.h"
#include "tessera/tensor/ops/conv_transpose.h"
#include "tessera/tensor/ops/fold.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/interpolate.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/pad.h"
#include "tessera/tensor/ops/pool.h"
#include "tessera/tensor/ops/unpool.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn::functional {

using tessera::adaptive_avg_pool1d;
using tessera::adaptive_avg_pool2d;
using tessera::adaptive_avg_pool3d;
using tessera::adaptive_max_pool1d;
using tessera::adaptive_max_pool1d_with_indices;
using tessera::adaptive_max_pool2d;
using tessera::adaptive_max_pool2d_with_indices;
using tessera::adaptive_max_pool3d;
using tessera::adaptive_max_pool3d_with_indices;
using tessera::avg_pool1d;
using tessera::avg_pool2d;
using tessera::avg_pool3d;
using tessera::conv1d;
using tessera::conv2d;
using tessera::conv3d;
using tessera::conv_transpose1d;
using tessera::conv_transpose2d;
using tessera::conv_transpose3d;
using tessera::fold;
using tessera::interpolate;
using tessera::linear;
using tessera::lp_pool1d;
using tessera::lp_pool2d;
using tessera::lp_pool3d;
using tessera::max_pool1d;
using tessera::max_pool1d_with_indices;
using tessera::max_pool2d;
using tessera::max_pool2d_with_indices;
using tessera::max_pool3d;
using tessera::max_pool3d_with_indices;
using tessera::max_unpool1d;
using tessera::max_unpool2d;
using tessera::max_unpool3d;
using tessera::one_hot;
using tessera::pad;
using tessera::scaled_dot_product_attention;
using tessera::unfold;

// x1^T W_o x2 + bias_o for each output o.
//   shape:  x1 (B.., I1), x2 (B.., I2), weight (O, I1, I2), bias (O) or undefined -> (B.., O)
//   dtype:  floating point
//   errors: throws kInvalidArgument for shapes that do not fit
Tensor bilinear(const Tensor& x1, const Tensor& x2, const Tensor& weight, const Tensor& bias = {});

// Spreads groups of r^2 channels over r x r squares of pixels, and gathers them again.
//   shape:  (B.., C r^2, H, W) -> (B.., C, H r, W r), and back
//   dtype:  any
//   errors: throw kInvalidArgument for sizes that are not multiples, r < 1 or a rank below 3
//   source: Shi et al., 2016
Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor);
Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor);

// Channels in the order in which one of each group comes after another: c = g (C / groups) + i goes
// to place i groups + g.
//   shape:  (N, C, ..), of rank 3 and above
//   dtype:  any
//   errors: throws kInvalidArgument for a lower rank, groups < 1, or channels that they do not
//   divide source: Zhang et al., ShuffleNet, 2017
Tensor channel_shuffle(const Tensor& x, int64_t groups);

}  // namespace tessera::nn::functional

#endif  // TESSERA_NN_FUNCTIONAL_H_
