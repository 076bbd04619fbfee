// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/conv.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/init.h"
#include "tessera/nn/pair_text.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/join.h"

namespace tessera::nn {

Conv2d::Conv2d(int64_t in_channels, int64_t out_channels, const Conv2dOptions& options)
    : in_channels_(in_channels), out_channels_(out_channels), options_(options) {
  auto refuse = [&](auto... parts) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("Conv2d(", in_channels, ", ", out_channels, "): ", parts...)));
  };
  auto is_positive = [](Pair pair) { return pair.height > 0 && pair.width > 0; };
  const auto& [kernel, stride, padding, dilation, groups, with_bias, dtype, device] = options;
  if (!is_positive(kernel)) refuse("kernel_size is ", pair_text(kernel), ", not above 0");
  if (!is_positive(stride)) refuse("stride is ", pair_text(stride), ", not above 0");
  if (!is_positive(dilation)) refuse("dilation is ", pair_text(dilation), ", not above 0");
  if (groups < 1) refuse("groups is ", groups, ", not above 0");
  if (in_channels < 1 || in_channels % groups != 0) {
    refuse("groups is ", groups, ", which does not divide the ", in_channels, " input channels");
  }
  if (out_channels < 1 || out_channels % groups != 0) {
    refuse("groups is ", groups, ", which does not divide the ", out_channels, " output channels");
  }
  if (padding.is_same()) {
    if (stride != Pair(1)) refuse("padding kSame wants stride 1, got ", pair_text(stride));
  } else if (padding.pair().height < 0 || padding.pair().width < 0) {
    refuse("padding is ", pair_text(padding.pair()), ", below 0");
  }
  const TensorOptions tensor_options = {.dtype = dtype, .device = device};
  weight = add_parameter(
      "weight",
      empty({out_channels, in_channels / groups, kernel.height, kernel.width}, tensor_options));
  bias = add_parameter("bias", with_bias ? empty({out_channels}, tensor_options) : Tensor());
  reset_parameters();
}

void Conv2d::reset_parameters() { init::reset_linear_(weight, bias); }

Tensor Conv2d::forward(const Tensor& x) {
  if (x.dim() == 3) return forward(x.unsqueeze(0)).squeeze(0);
  tessera::Conv2dOptions op = {
      .stride = options_.stride, .dilation = options_.dilation, .groups = options_.groups};
  if (!options_.padding.is_same()) {
    op.padding = options_.padding.pair();
    return conv2d(x, weight, bias, op);
  }
  const int64_t height = options_.dilation.height * (options_.kernel_size.height - 1);
  const int64_t width = options_.dilation.width * (options_.kernel_size.width - 1);
  op.padding = Pair(height / 2, width / 2);
  if (height % 2 == 0 && width % 2 == 0) return conv2d(x, weight, bias, op);
  // The op pads both sides alike; what is odd goes to the end.
  return conv2d(pad(x, {0, width % 2, 0, height % 2}), weight, bias, op);
}

std::string Conv2d::extra_repr() const {
  std::string text = absl::StrCat(in_channels_, ", ", out_channels_,
                                  ", kernel_size=", pair_text(options_.kernel_size),
                                  ", stride=", pair_text(options_.stride));
  if (options_.padding.is_same()) {
    text += ", padding=same";
  } else if (options_.padding.pair() != Pair(0)) {
    absl::StrAppend(&text, ", padding=", pair_text(options_.padding.pair()));
  }
  if (options_.dilation != Pair(1)) {
    absl::StrAppend(&text, ", dilation=", pair_text(options_.dilation));
  }
  if (options_.groups != 1) absl::StrAppend(&text, ", groups=", options_.groups);
  if (!options_.bias) text += ", bias=False";
  return text;
}

}  // namespace tessera::nn
