// SPDX-License-Identifier: Apache-2.0
//
// Conv2d: two-dimensional convolution, as torch.nn.Conv2d.
//
//   nn::Conv2d conv(16, 32, {.kernel_size = 3, .padding = 1});
//   nn::Conv2d wide(16, 32, {.kernel_size = {3, 5}, .stride = 2, .padding = {1, 2}, .bias =
//   false}); nn::Conv2d same(16, 32, {.kernel_size = 4, .padding = nn::kSame});
#ifndef TESSERA_NN_CONV_H_
#define TESSERA_NN_CONV_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/module.h"
#include "tessera/tensor/ops/conv.h"

namespace tessera::nn {

// As much padding as keeps the size of the input, with the odd one at the end. Wants stride 1.
struct SamePadding {};
inline constexpr SamePadding kSame;

// Zeros on each side, or kSame.
class Conv2dPadding {
 public:
  Conv2dPadding(int64_t both) : pair_(both) {}
  Conv2dPadding(int64_t height, int64_t width) : pair_(Pair(height, width)) {}
  Conv2dPadding(SamePadding) {}

  bool is_same() const { return !pair_.has_value(); }
  Pair pair() const { return *pair_; }

 private:
  std::optional<Pair> pair_;
};

struct Conv2dOptions {
  Pair kernel_size = 0;  // has to be given
  Pair stride = 1;
  Conv2dPadding padding = 0;
  Pair dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

//   shape:  x (N, C, H, W) or (C, H, W) -> (N, O, oh, ow) or (O, oh, ow), as conv2d of
//   tensor/ops/conv.h;
//           weight (O, C / groups, kh, kw), bias (O)
//   dtype:  floating point
//   errors: throws kInvalidArgument for options that do not fit, and for an x of other channels or
//   dtype
// Parameters start from U(-b, b), b = 1 / sqrt(C / groups * kh * kw).
class Conv2d : public Module {
 public:
  Conv2d(int64_t in_channels, int64_t out_channels, const Conv2dOptions& options);

  Tensor forward(const Tensor& x) override;
  void reset_parameters();  // draws new initial values
  std::string extra_repr() const override;

  const Conv2dOptions& options() const { return options_; }

  Tensor weight;
  Tensor bias;  // undefined without options.bias

 private:
  int64_t in_channels_, out_channels_;
  Conv2dOptions options_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_CONV_H_
