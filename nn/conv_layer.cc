// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/conv_layer.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/init.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/pad.h"

namespace tessera::nn {
namespace {

// "(3, 5)", "(3,)"
std::string text(const std::vector<int64_t>& sizes) {
  return absl::StrCat("(", absl::StrJoin(sizes, ", "), sizes.size() == 1 ? ",)" : ")");
}

bool all_are(const std::vector<int64_t>& sizes, int64_t value) {
  return std::all_of(sizes.begin(), sizes.end(), [&](int64_t s) { return s == value; });
}

bool at_least(const std::vector<int64_t>& sizes, int64_t least) {
  return std::all_of(sizes.begin(), sizes.end(), [&](int64_t s) { return s >= least; });
}

const char* mode_name(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::kZeros:
      return "zeros";
    case PaddingMode::kReflect:
      return "reflect";
    case PaddingMode::kReplicate:
      return "replicate";
    case PaddingMode::kCircular:
      return "circular";
  }
  return "?";
}

PadMode pad_mode(PaddingMode mode) {
  return mode == PaddingMode::kReflect     ? PadMode::kReflect
         : mode == PaddingMode::kReplicate ? PadMode::kReplicate
                                           : PadMode::kCircular;
}

}  // namespace

ConvLayer::ConvLayer(std::string_view name, std::optional<int64_t> in_channels,
                     int64_t out_channels, ConvSettings settings)
    : in_channels_(in_channels.value_or(0)),
      out_channels_(out_channels),
      settings_(std::move(settings)) {
  auto refuse = [&](auto... parts) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(name, "(", in_channels.has_value() ? absl::StrCat(in_channels_, ", ") : "",
                     out_channels, "): ", parts...)));
  };
  const ConvSettings& s = settings_;
  if (!at_least(s.kernel_size, 1)) {
    refuse("kernel_size is ", text(s.kernel_size), ", not above 0");
  }
  if (!at_least(s.stride, 1)) refuse("stride is ", text(s.stride), ", not above 0");
  if (!at_least(s.dilation, 1)) refuse("dilation is ", text(s.dilation), ", not above 0");
  if (!at_least(s.padding, 0)) refuse("padding is ", text(s.padding), ", below 0");
  if (!at_least(s.output_padding, 0)) {
    refuse("output_padding is ", text(s.output_padding), ", below 0");
  }
  if (s.groups < 1) refuse("groups is ", s.groups, ", not above 0");
  if (in_channels.has_value() && (in_channels_ < 1 || in_channels_ % s.groups != 0)) {
    refuse("groups is ", s.groups, ", which does not divide the ", in_channels_, " input channels");
  }
  if (out_channels < 1 || out_channels % s.groups != 0) {
    refuse("groups is ", s.groups, ", which does not divide the ", out_channels,
           " output channels");
  }
  if (s.is_same && !all_are(s.stride, 1)) {
    refuse("padding kSame wants stride 1, got ", text(s.stride));
  }
  if (in_channels.has_value()) {
    initialize(in_channels_, {.dtype = s.dtype, .device = s.device});
  } else {
    set_uninitialized();
  }
}

void ConvLayer::initialize(int64_t in_channels, const TensorOptions& options) {
  PauseRecording pause;  // done once, not in every run of a compiled step
  const int64_t groups = settings_.groups;
  in_channels_ = in_channels;
  if (in_channels < 1 || in_channels % groups != 0) {
    raise(absl::InvalidArgumentError(absl::StrCat(type_name(), ": groups is ", groups,
                                                  ", which does not divide the ", in_channels,
                                                  " input channels")));
  }
  Shape shape = settings_.transposed ? Shape{in_channels, out_channels_ / groups}
                                     : Shape{out_channels_, in_channels / groups};
  for (int64_t size : settings_.kernel_size) shape.push_back(size);
  weight = add_parameter("weight", empty(shape, options));
  bias = add_parameter("bias", settings_.bias ? empty({out_channels_}, options) : Tensor());
  reset_parameters();
}

void ConvLayer::initialize_for(const Tensor& x, std::string_view name) {
  if (weight.defined()) return;
  const int64_t rank = static_cast<int64_t>(settings_.kernel_size.size()) + 2;
  if (x.dim() != rank && x.dim() != rank - 1) {
    raise(
        absl::InvalidArgumentError(absl::StrCat(type_name(), ": input must have ", rank - 1, " or ",
                                                rank, " dimensions, got ", x.shape().to_string())));
  }
  initialize(x.size(x.dim() - rank + 1), {.dtype = x.dtype(), .device = x.device()});
  set_initialized(name);
}

void ConvLayer::initialize_for(const StateDict& state, std::string_view name) {
  const Tensor* given = state.find("weight");
  if (weight.defined() || given == nullptr || given->dim() < 2) return;
  const int64_t channels =
      settings_.transposed ? given->size(0) : given->size(1) * settings_.groups;
  initialize(channels, {.dtype = given->dtype(), .device = given->device()});
  set_initialized(name);
}

void ConvLayer::reset_parameters() {
  if (weight.defined()) init::reset_linear_(weight, bias);
}

Tensor ConvLayer::padded(const Tensor& x) const {
  if (!pads_itself()) return x;
  const size_t n = settings_.kernel_size.size();
  std::vector<int64_t> sides(2 * n);
  for (size_t d = 0; d < n; ++d) {
    int64_t before = settings_.padding[d], after = before;
    if (settings_.is_same) {
      const int64_t both = settings_.dilation[d] * (settings_.kernel_size[d] - 1);
      before = both / 2;
      after = both - before;
    }
    sides[2 * (n - 1 - d)] = before;
    sides[2 * (n - 1 - d) + 1] = after;
  }
  return pad(x, sides, pad_mode(settings_.padding_mode));
}

std::vector<int64_t> ConvLayer::output_padding_for(const Tensor& x, Dims output_size) const {
  const ConvSettings& s = settings_;
  const size_t n = s.kernel_size.size();
  if (output_size.size() != n || x.dim() < static_cast<int64_t>(n)) {
    raise(absl::InvalidArgumentError(absl::StrCat(type_name(), ": output_size ",
                                                  tessera::to_string(output_size), " must have ", n,
                                                  " sizes, input ", x.shape().to_string())));
  }
  std::vector<int64_t> result;
  for (size_t d = 0; d < n; ++d) {
    const int64_t least = (x.size(x.dim() - static_cast<int64_t>(n - d)) - 1) * s.stride[d] -
                          2 * s.padding[d] + s.dilation[d] * (s.kernel_size[d] - 1) + 1;
    if (output_size[d] < least || output_size[d] >= least + s.stride[d]) {
      raise(absl::InvalidArgumentError(
          absl::StrCat(type_name(), ": output_size ", tessera::to_string(output_size),
                       " is not in [", least, ", ", least + s.stride[d] - 1, "] for dimension ", d,
                       " of the kernel and input ", x.shape().to_string())));
    }
    result.push_back(output_size[d] - least);
  }
  return result;
}

std::string ConvLayer::extra_repr() const {
  const ConvSettings& s = settings_;
  std::string repr =
      absl::StrCat(in_channels_, ", ", out_channels_, ", kernel_size=", text(s.kernel_size),
                   ", stride=", text(s.stride));
  if (s.is_same || s.is_valid) {
    absl::StrAppend(&repr, ", padding=", s.is_same ? "same" : "valid");
  } else if (!all_are(s.padding, 0)) {
    absl::StrAppend(&repr, ", padding=", text(s.padding));
  }
  if (!all_are(s.dilation, 1)) absl::StrAppend(&repr, ", dilation=", text(s.dilation));
  if (!all_are(s.output_padding, 0)) {
    absl::StrAppend(&repr, ", output_padding=", text(s.output_padding));
  }
  if (s.groups != 1) absl::StrAppend(&repr, ", groups=", s.groups);
  if (!s.bias) repr += ", bias=False";
  if (pads_itself()) absl::StrAppend(&repr, ", padding_mode=", mode_name(s.padding_mode));
  return repr;
}

}  // namespace tessera::nn
