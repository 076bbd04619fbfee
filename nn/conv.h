// SPDX-License-Identifier: Apache-2.0
//
// Convolutions over one, two and three dimensions, as torch.nn's.
//
//   nn::Conv2d conv(16, 32, {.kernel_size = 3, .padding = 1});
//   nn::Conv2d wide(16, 32, {.kernel_size = {3, 5}, .stride = 2, .bias = false});
//   nn::Conv1d same(16, 32, {.kernel_size = 4, .padding = nn::kSame});
//   nn::Conv2d mirrored(3, 8, {.kernel_size = 3, .padding = 1,
//                              .padding_mode = nn::PaddingMode::kReflect});
//
//   shape:  x (N, C, sizes..) or (C, sizes..) -> (N, O, out..) or (O, out..), as tensor/ops/conv.h;
//           weight (O, C / groups, kernel..), bias (O)
//   dtype:  floating point
//   errors: throws kInvalidArgument for options that do not fit, and for an x of other channels or
//           another dtype
// Parameters start from U(-b, b), b = 1 / sqrt(C / groups * kernel elements). lazy.h has layers
// whose input channels follow from their first input.
#ifndef TESSERA_NN_CONV_H_
#define TESSERA_NN_CONV_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/conv_layer.h"
#include "tessera/nn/module.h"
#include "tessera/tensor/ops/conv.h"

namespace tessera::nn {

using tessera::kSame;
using tessera::kValid;

template <class Extent>
struct ConvLayerOptions {
  Extent kernel_size = 0;  // has to be given
  Extent stride = 1;
  ConvPadding<Extent> padding = 0;
  Extent dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  PaddingMode padding_mode = PaddingMode::kZeros;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};
using Conv1dOptions = ConvLayerOptions<int64_t>;
using Conv2dOptions = ConvLayerOptions<Pair>;
using Conv3dOptions = ConvLayerOptions<Triple>;

template <class Extent>
class ConvOf : public ConvLayer {
 public:
  Tensor forward(const Tensor& x) override;
  const ConvLayerOptions<Extent>& options() const { return options_; }

 protected:
  ConvOf(std::string_view name, std::optional<int64_t> in_channels, int64_t out_channels,
         const ConvLayerOptions<Extent>& options);

 private:
  ConvLayerOptions<Extent> options_;
};

class Conv1d : public ConvOf<int64_t> {
 public:
  Conv1d(int64_t in_channels, int64_t out_channels, const Conv1dOptions& options)
      : ConvOf("Conv1d", in_channels, out_channels, options) {}

 protected:
  Conv1d(LazyTag, int64_t out_channels, const Conv1dOptions& options)
      : ConvOf("LazyConv1d", std::nullopt, out_channels, options) {}
};

class Conv2d : public ConvOf<Pair> {
 public:
  Conv2d(int64_t in_channels, int64_t out_channels, const Conv2dOptions& options)
      : ConvOf("Conv2d", in_channels, out_channels, options) {}

 protected:
  Conv2d(LazyTag, int64_t out_channels, const Conv2dOptions& options)
      : ConvOf("LazyConv2d", std::nullopt, out_channels, options) {}
};

class Conv3d : public ConvOf<Triple> {
 public:
  Conv3d(int64_t in_channels, int64_t out_channels, const Conv3dOptions& options)
      : ConvOf("Conv3d", in_channels, out_channels, options) {}

 protected:
  Conv3d(LazyTag, int64_t out_channels, const Conv3dOptions& options)
      : ConvOf("LazyConv3d", std::nullopt, out_channels, options) {}
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_CONV_H_
