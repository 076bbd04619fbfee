// SPDX-License-Identifier: Apache-2.0
//
// The nodes of convolutions, as products over windows (conv.glsl, conv_weight.glsl).
#include "tessera/backends/vulkan/conv.h"

#include <bit>

#include "tessera/backends/vulkan/conv.spv.h"
#include "tessera/backends/vulkan/conv_cooperative.spv.h"
#include "tessera/backends/vulkan/conv_narrow.spv.h"
#include "tessera/backends/vulkan/conv_node.h"
#include "tessera/backends/vulkan/conv_weight.h"
#include "tessera/backends/vulkan/product.h"
#include "tessera/backends/vulkan/tiles.h"

namespace tessera::vulkan {
namespace {

// With as few outputs in a group, or fewer, tiles would be empty for the most part.
constexpr uint32_t kNarrow = 4;
// A greater depth is split, which the shader for few outputs does not.
constexpr uint64_t kDeepestNarrow = 16384;
constexpr uint32_t kNarrowThreads = 128;

// As conv.glsl declares it.
struct Push {
  uint64_t x, w, bias, y;
  int32_t x_n, x_c, x_h, x_w;
  int32_t w_o, w_c, w_h, w_w, w_group;
  int32_t y_o, y_h, y_w;
  int32_t bias_stride;
  uint32_t m, channels;
  uint32_t images, rows, columns;
  int32_t height, width;
  int32_t top, left;
  uint32_t groups;
  uint32_t chunk;
};

void dispatch(Recorder& r, const Shader& shader, const GemmConstants& constants, const Push& push,
              uint64_t groups) {
  r.dispatch_bytes(shader, constants, &push, sizeof push, r.groups_for(groups, 1));
}

uint64_t pixels_of(const Push& p) { return uint64_t{p.images} * p.rows * p.columns; }

bool is_narrow(const Push& p, const Windows& s) {
  return p.m <= kNarrow &&
         static_cast<uint64_t>(p.channels * s.kernel[0] * s.kernel[1]) <= kDeepestNarrow;
}

// Writes y, or partial sums of it where splits > 1.
void dispatch_windows(Recorder& r, uint32_t dtype, Push push, const Windows& s, uint32_t splits) {
  const uint64_t pixels = pixels_of(push);
  if (pixels == 0 || push.m == 0 || push.groups == 0) return;
  const auto depth = static_cast<uint32_t>(push.channels * s.kernel[0] * s.kernel[1]);
  if (splits == 1 && is_narrow(push, s)) {
    const uint64_t tiles = (pixels + kNarrowThreads - 1) / kNarrowThreads;
    dispatch(r, shaders::conv_narrow(dtype), with_windows(s, {std::bit_ceil(push.m)}), push,
             tiles * push.groups);
    return;
  }
  const Tile tile = choose_tile(r.physical(), dtype, push.groups, push.m, pixels, depth);
  push.chunk = (depth + splits * tile.k - 1) / (splits * tile.k) * tile.k;
  const uint64_t tiles = (push.m + tile.m - 1) / tile.m * ((pixels + tile.n - 1) / tile.n);
  GemmConstants constants = with_windows(s, gemm_constants(tile, true, false));
  constants[8] = splits;
  dispatch(r, tile.is_cooperative() ? shaders::conv_cooperative(dtype) : shaders::conv(dtype),
           constants, push, tiles * push.groups * splits);
}

// In how many parts to sum the products of `m` outputs for `pixels` pixels: a power of two, so that
// there are few pipelines.
uint32_t splits_of(const Recorder& r, uint32_t dtype, uint64_t groups, uint64_t m, uint64_t pixels,
                   uint64_t depth) {
  if (m <= kNarrow && depth <= kDeepestNarrow) return 1;
  const Tile tile = choose_tile(r.physical(), dtype, groups, m, pixels, depth);
  const uint64_t tiles = groups * ((m + tile.m - 1) / tile.m) * ((pixels + tile.n - 1) / tile.n);
  return std::bit_ceil(choose_splits(r.physical(), tiles, depth, 512, 1));
}

// What forward and backward have in common: windows of `x` give `y`.
Push push_of(Recorder& r, const TsrTensor& x, const TsrTensor& w, const TsrTensor& y,
             uint32_t groups) {
  Push push = {};
  push.x = r.address(x);
  push.w = r.address(w);
  push.y = address_of(y);
  push.x_n = stride_of(x, 0);
  push.x_c = stride_of(x, 1);
  push.x_h = stride_of(x, 2);
  push.x_w = stride_of(x, 3);
  push.w_h = stride_of(w, 2);
  push.w_w = stride_of(w, 3);
  push.y_o = static_cast<int32_t>(y.shape[2] * y.shape[3]);
  push.m = size_of(y, 1) / groups;
  push.channels = size_of(x, 1) / groups;
  push.images = size_of(y, 0);
  push.height = static_cast<int32_t>(x.shape[2]);
  push.width = static_cast<int32_t>(x.shape[3]);
  push.groups = groups;
  return push;
}

// x, w, [b] -> y
void run_forward(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &w = *node.inputs[1], &y = *node.outputs[0];
  if (element_count(y) == 0) return;
  const TsrTensor* const bias = node.n_inputs == 3 ? node.inputs[2] : nullptr;
  const ConvDim h = conv_dim(node, 0, x, w, y), v = conv_dim(node, 1, x, w, y);
  const auto groups = static_cast<uint32_t>(node.ints[6]);
  Push push = push_of(r, x, w, y, groups);
  push.bias = bias == nullptr ? 0 : r.address(*bias);
  push.bias_stride = bias == nullptr ? 0 : stride_of(*bias, 0);
  push.w_o = stride_of(w, 0);
  push.w_c = stride_of(w, 1);
  push.w_group = static_cast<int32_t>(push.m) * push.w_o;
  push.rows = static_cast<uint32_t>(h.output);
  push.columns = static_cast<uint32_t>(v.output);
  push.y_h = static_cast<int32_t>(v.output);
  push.y_w = 1;
  push.top = static_cast<int32_t>(-h.pad);
  push.left = static_cast<int32_t>(-v.pad);
  const Windows s = {{h.taps, v.taps}, {h.stride, v.stride}, {h.dilation, v.dilation}};
  const uint32_t splits =
      splits_of(r, y.dtype, groups, push.m, pixels_of(push), push.channels * h.taps * v.taps);
  if (splits == 1) return dispatch_windows(r, y.dtype, push, s, 1);
  const auto count = static_cast<uint64_t>(element_count(y));
  push.y = r.scratch(count * splits * value_bytes(y.dtype));
  dispatch_windows(r, y.dtype, push, s, splits);
  r.barrier();
  sum_splits(r, {.dtype = y.dtype,
                 .partial = push.y,
                 .splits = splits,
                 .count = count,
                 .y = address_of(y),
                 .bias = push.bias,
                 .bias_stride = push.bias_stride,
                 .columns = size_of(y, 1),
                 .run = static_cast<uint32_t>(push.y_o)});
}

// One phase of each dim: the gradient at every stride-th row and column of the input.
void dispatch_phase(Recorder& r, uint32_t dtype, const Push& all, const ConvDim& h,
                    const ConvDim& v, int64_t phase_h, int64_t phase_v, uint32_t splits,
                    uint64_t bytes_of_y) {
  const ConvPhase p = conv_phase(h, phase_h), q = conv_phase(v, phase_v);
  Push push = all;
  push.w += (p.first_tap * all.w_h + q.first_tap * all.w_w) * plugin::item_size(dtype);
  push.w_h = static_cast<int32_t>(all.w_h * p.tap_step);
  push.w_w = static_cast<int32_t>(all.w_w * q.tap_step);
  push.y += (phase_h * v.input + phase_v) * bytes_of_y;
  push.y_h = static_cast<int32_t>(h.stride * v.input);
  push.y_w = static_cast<int32_t>(v.stride);
  push.rows = static_cast<uint32_t>(p.positions);
  push.columns = static_cast<uint32_t>(q.positions);
  push.top = static_cast<int32_t>(p.top);
  push.left = static_cast<int32_t>(q.top);
  Windows s = {{p.taps, q.taps}, {1, 1}, {p.dilation, q.dilation}};
  if (p.taps == 0 || q.taps == 0) {
    push.channels = 0;
    s.kernel[0] = s.kernel[1] = 1;
  }
  dispatch_windows(r, dtype, push, s, splits);
}

// g, w -> gx
void run_backward_input(Recorder& r, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &w = *node.inputs[1], &gx = *node.outputs[0];
  if (element_count(gx) == 0) return;
  const ConvDim h = conv_dim(node, 0, gx, w, g), v = conv_dim(node, 1, gx, w, g);
  const auto groups = static_cast<uint32_t>(node.ints[6]);
  Push push = push_of(r, g, w, gx, groups);
  push.w_o = stride_of(w, 1);
  push.w_c = stride_of(w, 0);
  push.w_group = static_cast<int32_t>(push.channels) * push.w_c;
  // As for the phase with the most positions and taps.
  const int64_t rows = (h.input + h.stride - 1) / h.stride;
  const int64_t columns = (v.input + v.stride - 1) / v.stride;
  const uint32_t splits = splits_of(r, gx.dtype, groups, push.m, push.images * rows * columns,
                                    push.channels * most_taps_of_phase(h) * most_taps_of_phase(v));
  const auto count = static_cast<uint64_t>(element_count(gx));
  if (splits > 1) push.y = r.scratch(count * splits * value_bytes(gx.dtype));
  const uint64_t bytes = splits > 1 ? value_bytes(gx.dtype) : plugin::item_size(gx.dtype);
  for (int64_t i = 0; i < std::min(h.stride, h.input); ++i) {
    for (int64_t j = 0; j < std::min(v.stride, v.input); ++j) {
      dispatch_phase(r, gx.dtype, push, h, v, i, j, splits, bytes);
    }
  }
  if (splits == 1) return;
  r.barrier();
  sum_splits(r, {.dtype = gx.dtype,
                 .partial = push.y,
                 .splits = splits,
                 .count = count,
                 .y = address_of(gx)});
}

TsrStatus check_forward(const TsrNode& node, TsrMessage* message) {
  return check_convolution(node, node.n_inputs == 3 ? 3 : 2, 7, message);
}

TsrStatus check_backward_input(const TsrNode& node, TsrMessage* message) {
  return check_convolution(node, 2, 9, message);
}

}  // namespace

std::span<const KernelEntry> conv_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"conv2d", make_kernel<check_forward, run_forward>()},
      {"conv2d_backward_input", make_kernel<check_backward_input, run_backward_input>()},
      {"conv2d_backward_weight",
       make_kernel<check_conv_backward_weight, run_conv_backward_weight>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
