// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/conv_transpose.h"

#include "tessera/nn/extent_sizes.h"

namespace tessera::nn {
namespace {

template <class Extent>
ConvSettings settings(const ConvTransposeLayerOptions<Extent>& o) {
  return {.transposed = true,
          .kernel_size = sizes_of(o.kernel_size),
          .stride = sizes_of(o.stride),
          .padding = sizes_of(o.padding),
          .output_padding = sizes_of(o.output_padding),
          .dilation = sizes_of(o.dilation),
          .groups = o.groups,
          .bias = o.bias,
          .dtype = o.dtype,
          .device = o.device};
}

Tensor convolve(const Tensor& x, const ConvLayer& layer, const tessera::ConvTranspose1dOptions& o) {
  return conv_transpose1d(x, layer.weight, layer.bias, o);
}
Tensor convolve(const Tensor& x, const ConvLayer& layer, const tessera::ConvTranspose2dOptions& o) {
  return conv_transpose2d(x, layer.weight, layer.bias, o);
}
Tensor convolve(const Tensor& x, const ConvLayer& layer, const tessera::ConvTranspose3dOptions& o) {
  return conv_transpose3d(x, layer.weight, layer.bias, o);
}

template <class Extent>
ConvTransposeOptions<Extent> op_options(const ConvTransposeLayerOptions<Extent>& o,
                                        Extent output_padding) {
  return {.stride = o.stride,
          .padding = o.padding,
          .output_padding = output_padding,
          .groups = o.groups,
          .dilation = o.dilation};
}

void set_extent(int64_t& extent, const std::vector<int64_t>& sizes) { extent = sizes[0]; }
void set_extent(Pair& extent, const std::vector<int64_t>& sizes) { extent = {sizes[0], sizes[1]}; }
void set_extent(Triple& extent, const std::vector<int64_t>& sizes) {
  extent = {sizes[0], sizes[1], sizes[2]};
}

}  // namespace

template <class Extent>
ConvTransposeOf<Extent>::ConvTransposeOf(std::string_view name, std::optional<int64_t> in_channels,
                                         int64_t out_channels,
                                         const ConvTransposeLayerOptions<Extent>& options)
    : ConvLayer(name, in_channels, out_channels, settings(options)), options_(options) {}

template <class Extent>
Tensor ConvTransposeOf<Extent>::forward(const Tensor& x) {
  prepare(x);
  return convolve(x, *this, op_options(options_, options_.output_padding));
}

template <class Extent>
Tensor ConvTransposeOf<Extent>::forward(const Tensor& x, Extent output_size) {
  prepare(x);
  Extent output_padding = 0;
  set_extent(output_padding, output_padding_for(x, sizes_of(output_size)));
  return convolve(x, *this, op_options(options_, output_padding));
}

template class ConvTransposeOf<int64_t>;
template class ConvTransposeOf<Pair>;
template class ConvTransposeOf<Triple>;

}  // namespace tessera::nn
