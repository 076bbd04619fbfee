// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/conv.h"

#include "tessera/nn/extent_sizes.h"

namespace tessera::nn {
namespace {

template <class Extent>
ConvSettings settings(const ConvLayerOptions<Extent>& o) {
  return {.kernel_size = sizes_of(o.kernel_size),
          .stride = sizes_of(o.stride),
          .padding = sizes_of(o.padding.extent()),
          .output_padding = sizes_of(Extent(0)),
          .dilation = sizes_of(o.dilation),
          .is_same = o.padding.is_same(),
          .is_valid = o.padding.is_valid(),
          .groups = o.groups,
          .bias = o.bias,
          .padding_mode = o.padding_mode,
          .dtype = o.dtype,
          .device = o.device};
}

Tensor convolve(const Tensor& x, const ConvLayer& layer, const tessera::Conv1dOptions& o) {
  return conv1d(x, layer.weight, layer.bias, o);
}
Tensor convolve(const Tensor& x, const ConvLayer& layer, const tessera::Conv2dOptions& o) {
  return conv2d(x, layer.weight, layer.bias, o);
}
Tensor convolve(const Tensor& x, const ConvLayer& layer, const tessera::Conv3dOptions& o) {
  return conv3d(x, layer.weight, layer.bias, o);
}

}  // namespace

template <class Extent>
ConvOf<Extent>::ConvOf(std::string_view name, std::optional<int64_t> in_channels,
                       int64_t out_channels, const ConvLayerOptions<Extent>& options)
    : ConvLayer(name, in_channels, out_channels, settings(options)), options_(options) {}

template <class Extent>
Tensor ConvOf<Extent>::forward(const Tensor& x) {
  prepare(x);
  ConvOptions<Extent> op = {.stride = options_.stride,
                            .padding = options_.padding,
                            .dilation = options_.dilation,
                            .groups = options_.groups};
  if (!pads_itself()) return convolve(x, *this, op);
  op.padding = 0;
  return convolve(padded(x), *this, op);
}

template class ConvOf<int64_t>;
template class ConvOf<Pair>;
template class ConvOf<Triple>;

}  // namespace tessera::nn
