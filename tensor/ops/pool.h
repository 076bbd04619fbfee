// SPDX-License-Identifier: Apache-2.0
//
// Pooling over one, two and three dimensions.
//
//   Tensor y = max_pool2d(x, 2);
//   Tensor z = avg_pool1d(signal, 3, {.stride = 1, .padding = 1});
//   auto [values, indices] = max_pool2d_with_indices(x, 2);
//
//   shape:  x (N, C, sizes..) or (C, sizes..) -> (N, C, out..) or (C, out..),
//           out = (size + 2 padding - dilation (k - 1) - 1) / stride + 1, rounded up with ceil_mode
//           (the last window must start inside the input or its padding before it)
//   dtype:  floating point
//   errors: kInvalidArgument for a kernel larger than the padded input, padding above half the
//           kernel, a stride or dilation that is not positive
// Differentiable. The two-dimensional ones have kernels; the others are made of them.
#ifndef TESSERA_TENSOR_OPS_POOL_H_
#define TESSERA_TENSOR_OPS_POOL_H_

#include <optional>
#include <utility>

#include "tessera/tensor/ops/extent.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

template <class Extent>
struct MaxPoolOptions {
  std::optional<Extent> stride = std::nullopt;  // the kernel size
  Extent padding = 0;                           // -inf on each side
  Extent dilation = 1;
  bool ceil_mode = false;
};
using MaxPool1dOptions = MaxPoolOptions<int64_t>;
using MaxPool2dOptions = MaxPoolOptions<Pair>;
using MaxPool3dOptions = MaxPoolOptions<Triple>;

// nan wins. The gradient goes to the first maximum of each window in row-major order.
Tensor max_pool1d(const Tensor& x, int64_t kernel_size, const MaxPool1dOptions& options = {});
Tensor max_pool2d(const Tensor& x, Pair kernel_size, const MaxPool2dOptions& options = {});
Tensor max_pool3d(const Tensor& x, Triple kernel_size, const MaxPool3dOptions& options = {});

// Also the place of each maximum among x's elements sizes.. in row-major order, int64; of the first
// nan, if there is one.
std::pair<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x, int64_t kernel_size,
                                                  const MaxPool1dOptions& options = {});
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, Pair kernel_size,
                                                  const MaxPool2dOptions& options = {});
std::pair<Tensor, Tensor> max_pool3d_with_indices(const Tensor& x, Triple kernel_size,
                                                  const MaxPool3dOptions& options = {});

template <class Extent>
struct AvgPoolOptions {
  std::optional<Extent> stride = std::nullopt;  // the kernel size
  Extent padding = 0;                           // zeros on each side
  bool ceil_mode = false;
  bool count_include_pad = true;  // whether padding counts in the mean
  int64_t divisor_override = 0;   // in place of the number of elements; 0: none
};
using AvgPool2dOptions = AvgPoolOptions<Pair>;
using AvgPool3dOptions = AvgPoolOptions<Triple>;
struct AvgPool1dOptions {
  std::optional<int64_t> stride = std::nullopt;
  int64_t padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = true;
};

Tensor avg_pool1d(const Tensor& x, int64_t kernel_size, const AvgPool1dOptions& options = {});
Tensor avg_pool2d(const Tensor& x, Pair kernel_size, const AvgPool2dOptions& options = {});
Tensor avg_pool3d(const Tensor& x, Triple kernel_size, const AvgPool3dOptions& options = {});

template <class Extent>
struct LPPoolOptions {
  std::optional<Extent> stride = std::nullopt;  // the kernel size
  bool ceil_mode = false;
};

// (sum over each window of x^norm_type)^(1 / norm_type), nan where the sum is negative. Gradient 0
// where the sum is 0. With ceil_mode the part of a window that is inside stands for all of it.
Tensor lp_pool1d(const Tensor& x, double norm_type, int64_t kernel_size,
                 const LPPoolOptions<int64_t>& options = {});
Tensor lp_pool2d(const Tensor& x, double norm_type, Pair kernel_size,
                 const LPPoolOptions<Pair>& options = {});
Tensor lp_pool3d(const Tensor& x, double norm_type, Triple kernel_size,
                 const LPPoolOptions<Triple>& options = {});

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_POOL_H_
