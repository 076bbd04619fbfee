// SPDX-License-Identifier: Apache-2.0
//
// Max pooling undone: each value at the place that it came from, zeros elsewhere.
//
//   auto [values, indices] = max_pool2d_with_indices(x, 2);
//   Tensor sparse = max_unpool2d(values, indices, 2);
//
//   shape:  x and indices (N, C, sizes..) or (C, sizes..) -> (N, C, out..) or (C, out..),
//           out = (size - 1) stride - 2 padding + k, or as output_size says
//   dtype:  floating point; indices int64, as max_pool*_with_indices gives them
//   errors: kInvalidArgument for other shapes or dtypes, options that do not fit, and an
//   output_size
//           that is not between out - stride and out + stride; kOutOfRange for an index outside the
//           output
// Differentiable in x. Of values with the same index the last stays.
#ifndef TESSERA_TENSOR_OPS_UNPOOL_H_
#define TESSERA_TENSOR_OPS_UNPOOL_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "tessera/tensor/ops/extent.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

template <class Extent>
struct MaxUnpoolOptions {
  std::optional<Extent> stride = std::nullopt;  // the kernel size
  Extent padding = 0;                           // as the pooling's
  // The sizes behind (N, C), or all of the output's; which size was rounded down is not to be seen
  // from the pooled tensor.
  std::vector<int64_t> output_size = {};
};
using MaxUnpool1dOptions = MaxUnpoolOptions<int64_t>;
using MaxUnpool2dOptions = MaxUnpoolOptions<Pair>;
using MaxUnpool3dOptions = MaxUnpoolOptions<Triple>;

Tensor max_unpool1d(const Tensor& x, const Tensor& indices, int64_t kernel_size,
                    const MaxUnpool1dOptions& options = {});
Tensor max_unpool2d(const Tensor& x, const Tensor& indices, Pair kernel_size,
                    const MaxUnpool2dOptions& options = {});
Tensor max_unpool3d(const Tensor& x, const Tensor& indices, Triple kernel_size,
                    const MaxUnpool3dOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_UNPOOL_H_
