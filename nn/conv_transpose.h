// SPDX-License-Identifier: Apache-2.0
//
// Transposed convolutions over one, two and three dimensions, as torch.nn's.
//
//   nn::ConvTranspose2d up(32, 16, {.kernel_size = 3, .stride = 2, .padding = 1,
//                                   .output_padding = 1});
//   Tensor y = up.forward(x, {28, 28});  // whatever output_padding gives that size
//
//   shape:  x (N, C, sizes..) or (C, sizes..) -> (N, O, out..) or (O, out..), as
//           tensor/ops/conv_transpose.h; weight (C, O / groups, kernel..), bias (O)
//   dtype:  floating point
//   errors: throws kInvalidArgument for options that do not fit, and for an x of other channels or
//           another dtype
// Parameters start from U(-b, b), b = 1 / sqrt(O / groups * kernel elements).
#ifndef TESSERA_NN_CONV_TRANSPOSE_H_
#define TESSERA_NN_CONV_TRANSPOSE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/conv_layer.h"
#include "tessera/nn/module.h"
#include "tessera/tensor/ops/conv_transpose.h"

namespace tessera::nn {

template <class Extent>
struct ConvTransposeLayerOptions {
  Extent kernel_size = 0;  // has to be given
  Extent stride = 1;
  Extent padding = 0;
  Extent output_padding = 0;
  int64_t groups = 1;
  bool bias = true;
  Extent dilation = 1;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};
using ConvTranspose1dOptions = ConvTransposeLayerOptions<int64_t>;
using ConvTranspose2dOptions = ConvTransposeLayerOptions<Pair>;
using ConvTranspose3dOptions = ConvTransposeLayerOptions<Triple>;

template <class Extent>
class ConvTransposeOf : public ConvLayer {
 public:
  Tensor forward(const Tensor& x) override;
  // With the output_padding that gives sizes `output_size`; options().output_padding is not read.
  //   errors: also throws kInvalidArgument if none below the stride does
  Tensor forward(const Tensor& x, Extent output_size);
  const ConvTransposeLayerOptions<Extent>& options() const { return options_; }

 protected:
  ConvTransposeOf(std::string_view name, std::optional<int64_t> in_channels, int64_t out_channels,
                  const ConvTransposeLayerOptions<Extent>& options);

 private:
  ConvTransposeLayerOptions<Extent> options_;
};

class ConvTranspose1d : public ConvTransposeOf<int64_t> {
 public:
  ConvTranspose1d(int64_t in_channels, int64_t out_channels, const ConvTranspose1dOptions& options)
      : ConvTransposeOf("ConvTranspose1d", in_channels, out_channels, options) {}

 protected:
  ConvTranspose1d(LazyTag, int64_t out_channels, const ConvTranspose1dOptions& options)
      : ConvTransposeOf("LazyConvTranspose1d", std::nullopt, out_channels, options) {}
};

class ConvTranspose2d : public ConvTransposeOf<Pair> {
 public:
  ConvTranspose2d(int64_t in_channels, int64_t out_channels, const ConvTranspose2dOptions& options)
      : ConvTransposeOf("ConvTranspose2d", in_channels, out_channels, options) {}

 protected:
  ConvTranspose2d(LazyTag, int64_t out_channels, const ConvTranspose2dOptions& options)
      : ConvTransposeOf("LazyConvTranspose2d", std::nullopt, out_channels, options) {}
};

class ConvTranspose3d : public ConvTransposeOf<Triple> {
 public:
  ConvTranspose3d(int64_t in_channels, int64_t out_channels, const ConvTranspose3dOptions& options)
      : ConvTransposeOf("ConvTranspose3d", in_channels, out_channels, options) {}

 protected:
  ConvTranspose3d(LazyTag, int64_t out_channels, const ConvTranspose3dOptions& options)
      : ConvTransposeOf("LazyConvTranspose3d", std::nullopt, out_channels, options) {}
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_CONV_TRANSPOSE_H_
