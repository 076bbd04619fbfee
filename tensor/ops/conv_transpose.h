// SPDX-License-Identifier: Apache-2.0
//
// Transposed convolutions: the gradient of a convolution for its input, as a function of its own.
//
//   shape:  x (N, C, sizes..) or (C, sizes..), weight (C, O / groups, kernel..), bias (O) or
//   undefined
//           -> (N, O, out..) or (O, out..), out = (size - 1) stride - 2 padding + dilation (k - 1)
//           + output_padding + 1
//   dtype:  one floating point dtype for all
//   errors: kInvalidArgument for channels that do not fit, groups that do not divide, an
//           output_padding that is neither below the stride nor below the dilation, an output
//           without elements, a stride or dilation that is not positive
// Differentiable, twice and more. Computed by conv2d's kernels.
#ifndef TESSERA_TENSOR_OPS_CONV_TRANSPOSE_H_
#define TESSERA_TENSOR_OPS_CONV_TRANSPOSE_H_

#include "tessera/tensor/ops/extent.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

template <class Extent>
struct ConvTransposeOptions {
  Extent stride = 1;
  Extent padding = 0;         // taken off on each side
  Extent output_padding = 0;  // added at the end
  int64_t groups = 1;
  Extent dilation = 1;
};
using ConvTranspose1dOptions = ConvTransposeOptions<int64_t>;
using ConvTranspose2dOptions = ConvTransposeOptions<Pair>;
using ConvTranspose3dOptions = ConvTransposeOptions<Triple>;

Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose1dOptions& options = {});
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose2dOptions& options = {});
Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTranspose3dOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_CONV_TRANSPOSE_H_
