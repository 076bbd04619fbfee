// SPDX-License-Identifier: Apache-2.0
//
// The gradient of a convolution for its weight: a sum over all pixels of the gradient, cut into
// parts that are summed in order.
#include "tessera/backends/vulkan/conv_weight.h"

#include "tessera/backends/vulkan/conv_node.h"
#include "tessera/backends/vulkan/conv_weight.spv.h"
#include "tessera/backends/vulkan/conv_weight_cooperative.spv.h"
#include "tessera/backends/vulkan/conv_weight_narrow.spv.h"
#include "tessera/backends/vulkan/product.h"
#include "tessera/backends/vulkan/tiles.h"

namespace tessera::vulkan {
namespace {

// With no more outputs and channels in a group, and no more taps, a work group sums one kernel.
constexpr uint32_t kNarrow = 4;
constexpr int64_t kMostNarrowTaps = 64;
constexpr uint32_t kNarrowThreads = 64;

// Sums of many pixels lose fewer digits in parts. These take memory.
constexpr uint64_t kAccuratePart = 128;         // pixels
constexpr uint64_t kMostPartialSums = 1 << 22;  // elements

// As conv_weight.glsl declares it.
struct Push {
  uint64_t g, x, y;
  int32_t g_n, g_c, g_h, g_w;
  int32_t x_n, x_c, x_h, x_w;
  uint32_t m, channels;
  uint32_t images, rows, columns;
  int32_t height, width;
  int32_t top, left;
  uint32_t groups;
  uint32_t splits, chunk;
};

// How a node is dispatched.
struct Plan {
  bool narrow;
  Tile tile;        // unless narrow
  uint64_t groups;  // work groups of one split
  uint32_t unit;    // splits are multiples of this
};

Plan plan_of(Recorder& r, uint32_t dtype, const Push& p, const Windows& s) {
  const int64_t taps = s.kernel[0] * s.kernel[1];
  if (p.m <= kNarrow && p.channels <= kNarrow && taps <= kMostNarrowTaps) {
    return {true, {}, uint64_t{p.m} * p.channels * p.groups, kNarrowThreads};
  }
  const uint64_t columns = p.channels * taps;
  const Tile tile = choose_tile(r.physical(), dtype, p.groups, p.m, columns,
                                uint64_t{p.images} * p.rows * p.columns);
  return {false, tile,
          p.groups * uint64_t{(p.m + tile.m - 1) / tile.m} * ((columns + tile.n - 1) / tile.n),
          tile.k};
}

uint32_t accurate_splits(uint64_t pixels, uint64_t count) {
  const uint64_t most = std::clamp<uint64_t>(kMostPartialSums / count, 1, 64);
  return static_cast<uint32_t>(std::clamp<uint64_t>(pixels / kAccuratePart, 1, most));
}

void dispatch(Recorder& r, uint32_t dtype, const Push& push, const Windows& s, const Plan& plan) {
  const uint32_t is_partial = push.splits > 1;
  const Groups groups = r.groups_for(plan.groups * push.splits, 1);
  const Tile& tile = plan.tile;
  if (plan.narrow) {
    const GemmConstants constants = with_windows(s, {is_partial});
    r.dispatch_bytes(shaders::conv_weight_narrow(dtype), constants, &push, sizeof push, groups);
  } else {
    GemmConstants constants = with_windows(s, gemm_constants(tile, true, true));
    constants[8] = is_partial;
    r.dispatch_bytes(tile.is_cooperative() ? shaders::conv_weight_cooperative(dtype)
                                           : shaders::conv_weight(dtype),
                     constants, &push, sizeof push, groups);
  }
}

}  // namespace

TsrStatus check_conv_backward_weight(const TsrNode& node, TsrMessage* message) {
  return check_convolution(node, 2, 9, message);
}

// g (N, O, oh, ow), x (N, C, H, W) -> y (O, C / groups, kh, kw)
void run_conv_backward_weight(Recorder& r, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &x = *node.inputs[1], &y = *node.outputs[0];
  const auto count = static_cast<uint64_t>(element_count(y));
  if (count == 0) return;
  const ConvDim h = conv_dim(node, 0, x, y, g), v = conv_dim(node, 1, x, y, g);
  Push push = {};
  push.g = r.address(g);
  push.x = r.address(x);
  push.y = address_of(y);
  push.g_n = stride_of(g, 0);
  push.g_c = stride_of(g, 1);
  push.g_h = stride_of(g, 2);
  push.g_w = stride_of(g, 3);
  push.x_n = stride_of(x, 0);
  push.x_c = stride_of(x, 1);
  push.x_h = stride_of(x, 2);
  push.x_w = stride_of(x, 3);
  push.groups = static_cast<uint32_t>(node.ints[6]);
  push.m = size_of(y, 0) / push.groups;
  push.channels = size_of(y, 1);
  push.images = size_of(g, 0);
  push.rows = static_cast<uint32_t>(h.output);
  push.columns = static_cast<uint32_t>(v.output);
  push.height = static_cast<int32_t>(h.input);
  push.width = static_cast<int32_t>(v.input);
  push.top = static_cast<int32_t>(-h.pad);
  push.left = static_cast<int32_t>(-v.pad);

  const Windows s = {{h.taps, v.taps}, {h.stride, v.stride}, {h.dilation, v.dilation}};
  const Plan plan = plan_of(r, y.dtype, push, s);
  const uint64_t pixels = uint64_t{push.images} * push.rows * push.columns;
  const uint32_t splits = std::max(
      choose_splits(r.physical(), plan.groups, pixels, 512, plan.narrow ? kNarrowThreads : 1),
      accurate_splits(pixels, count));
  push.chunk = static_cast<uint32_t>((pixels + uint64_t{splits} * plan.unit - 1) /
                                     (uint64_t{splits} * plan.unit) * plan.unit);
  push.splits = pixels == 0 ? 1 : static_cast<uint32_t>((pixels + push.chunk - 1) / push.chunk);
  if (push.splits > 1) push.y = r.scratch(count * push.splits * value_bytes(y.dtype));
  dispatch(r, y.dtype, push, s, plan);
  if (push.splits == 1) return;
  r.barrier();
  sum_splits(r, {.dtype = y.dtype,
                 .partial = push.y,
                 .splits = push.splits,
                 .count = count,
                 .y = address_of(y)});
}

}  // namespace tessera::vulkan
