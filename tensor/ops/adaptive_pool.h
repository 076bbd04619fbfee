// SPDX-License-Identifier: Apache-2.0
//
// Adaptive pooling: to an output of a given size, whatever the input's.
//
//   Tensor y = adaptive_avg_pool2d(x, 1);                  // the mean of each channel
//   Tensor z = adaptive_max_pool2d(x, {5, std::nullopt});  // as wide as x
//
//   shape:  x (N, C, sizes..) or (C, sizes..) -> (N, C, out..) or (C, out..); output i of a
//   dimension
//           covers elements floor(i size / out) ... ceil((i + 1) size / out) - 1
//   dtype:  floating point
//   errors: kInvalidArgument for an output size that is negative, or above 0 where x has none
// Differentiable; the gradient of a maximum goes to the first one in row-major order.
#ifndef TESSERA_TENSOR_OPS_ADAPTIVE_POOL_H_
#define TESSERA_TENSOR_OPS_ADAPTIVE_POOL_H_

#include <array>
#include <concepts>
#include <optional>
#include <utility>

#include "tessera/tensor/tensor.h"

namespace tessera {

// The size of each dimension of the output; std::nullopt: the input's. One stands for all.
template <size_t n>
class AdaptiveSize {
 public:
  AdaptiveSize(std::integral auto all) : is_one_number_(true) {
    sizes_.fill(static_cast<int64_t>(all));
  }
  AdaptiveSize(std::nullopt_t) {}
  template <class... Sizes>
  requires(sizeof...(Sizes) == n && n > 1) AdaptiveSize(Sizes... sizes)
      : sizes_{std::optional<int64_t>(sizes)...} {}

  const std::array<std::optional<int64_t>, n>& sizes() const { return sizes_; }
  bool is_one_number() const { return is_one_number_; }

 private:
  std::array<std::optional<int64_t>, n> sizes_;
  bool is_one_number_ = false;
};

Tensor adaptive_avg_pool1d(const Tensor& x, AdaptiveSize<1> output_size);
Tensor adaptive_avg_pool2d(const Tensor& x, AdaptiveSize<2> output_size);
Tensor adaptive_avg_pool3d(const Tensor& x, AdaptiveSize<3> output_size);
Tensor adaptive_max_pool1d(const Tensor& x, AdaptiveSize<1> output_size);
Tensor adaptive_max_pool2d(const Tensor& x, AdaptiveSize<2> output_size);
Tensor adaptive_max_pool3d(const Tensor& x, AdaptiveSize<3> output_size);

// Also the place of each maximum among x's elements sizes.. in row-major order, int64.
std::pair<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& x,
                                                           AdaptiveSize<1> output_size);
std::pair<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& x,
                                                           AdaptiveSize<2> output_size);
std::pair<Tensor, Tensor> adaptive_max_pool3d_with_indices(const Tensor& x,
                                                           AdaptiveSize<3> output_size);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_ADAPTIVE_POOL_H_
