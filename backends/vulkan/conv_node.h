// SPDX-License-Identifier: Apache-2.0
//
// What the kernels of conv2d and of its gradients read off their nodes.
#ifndef TESSERA_BACKENDS_VULKAN_CONV_NODE_H_
#define TESSERA_BACKENDS_VULKAN_CONV_NODE_H_

#include <cstdint>

#include "tessera/backends/plugin/conv_geometry.h"
#include "tessera/backends/vulkan/kernel.h"
#include "tessera/backends/vulkan/tiles.h"

namespace tessera::vulkan {

using plugin::conv_phase;
using plugin::ConvDim;
using plugin::ConvPhase;
using plugin::most_taps_of_phase;

// TSR_UNIMPLEMENTED unless the node has so many inputs and integer attributes, floating dtypes, and
// ranks as conv2d or a gradient of it.
TsrStatus check_convolution(const TsrNode& node, uint32_t inputs, uint32_t ints,
                            TsrMessage* message);

// Rows (k = 0) or columns (1) of a node's convolution of x (N, C, H, W) with w (O, C / groups, kh,
// kw) to y (N, O, oh, ow).
inline ConvDim conv_dim(const TsrNode& node, int k, const TsrTensor& x, const TsrTensor& w,
                        const TsrTensor& y) {
  return {x.shape[2 + k], w.shape[2 + k],   y.shape[2 + k],
          node.ints[k],   node.ints[2 + k], node.ints[4 + k]};
}

inline int32_t stride_of(const TsrTensor& t, uint32_t dim) {
  return static_cast<int32_t>(t.strides[dim]);
}
inline uint32_t size_of(const TsrTensor& t, uint32_t dim) {
  return static_cast<uint32_t>(t.shape[dim]);
}

// The windows that a shader walks: specialisation constants 9 to 14 of conv.glsl and
// conv_weight.glsl.
struct Windows {
  int64_t kernel[2], stride[2], dilation[2];
};

// `all` with the windows filled in.
inline GemmConstants with_windows(const Windows& windows, GemmConstants all) {
  uint32_t* to = all.data() + 9;
  for (const int64_t* pair : {windows.kernel, windows.stride, windows.dilation}) {
    for (int k = 0; k < 2; ++k) *to++ = static_cast<uint32_t>(static_cast<int32_t>(pair[k]));
  }
  return all;
}

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_CONV_NODE_H_
