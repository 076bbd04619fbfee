// SPDX-License-Identifier: Apache-2.0
//
// What the convolutions over one, two and three dimensions share. Internal to tensor/ops/.
#ifndef TESSERA_TENSOR_OPS_CONV_ND_H_
#define TESSERA_TENSOR_OPS_CONV_ND_H_

#include <array>
#include <string_view>

#include "tessera/tensor/ops/conv.h"
#include "tessera/tensor/ops/extent.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

inline std::array<int64_t, 1> sizes_of(int64_t x) { return {x}; }
inline std::array<int64_t, 2> sizes_of(Pair x) { return {x.height, x.width}; }
inline std::array<int64_t, 3> sizes_of(Triple x) { return {x.depth, x.height, x.width}; }

// The op conv2d: x (N, C, H, W), no kSame.
Tensor conv2d_of_batch(const Tensor& x, const Tensor& weight, const Tensor& bias,
                       const Conv2dOptions& options);

// x (N, C, sizes..); (C, sizes..) becomes a batch of one, which `unbatched` takes off again.
class Batched {
 public:
  Batched(std::string_view op, const Tensor& x, size_t n);
  const Tensor& tensor() const { return x_; }
  Tensor unbatched(const Tensor& y) const;

 private:
  Tensor x_;
  bool added_;
};

// Throws what the convolution `op` would, in its own name: x (N, C, sizes..), weight (O, C /
// groups, kernel..). Padding is the sum of both sides.
void check_conv(std::string_view op, const Tensor& x, const Tensor& weight, const Tensor& bias,
                Dims stride, Dims padding, Dims dilation, int64_t groups);

// Throws unless all values are at least `least`.
void check_least(std::string_view op, std::string_view what, Dims values, int64_t least);
void check_bias(std::string_view op, const Tensor& bias, int64_t channels);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_CONV_ND_H_
