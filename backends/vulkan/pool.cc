// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/pool.h"

#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/pool.spv.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;

// As pool.comp declares it.
struct PoolPush {
  uint64_t x, y, places;
  int32_t count;
  int32_t h, w, oh, ow, kh, kw, stride_h, stride_w, pad_h, pad_w;
  int32_t dilation_h = 1, dilation_w = 1;
  int32_t count_include_pad = 0, divisor_override = 0, padding = 0;
};

// x (N, C, h, w), y (N, C, oh, ow)
PoolPush push_for(const TsrNode& node, const TsrTensor& x, const TsrTensor& y) {
  const auto attribute = [&](int k) { return static_cast<int32_t>(node.ints[k]); };
  PoolPush push = {};
  push.h = static_cast<int32_t>(x.shape[2]);
  push.w = static_cast<int32_t>(x.shape[3]);
  push.oh = static_cast<int32_t>(y.shape[2]);
  push.ow = static_cast<int32_t>(y.shape[3]);
  push.kh = attribute(0);
  push.kw = attribute(1);
  push.stride_h = attribute(2);
  push.stride_w = attribute(3);
  push.pad_h = attribute(4);
  push.pad_w = attribute(5);
  return push;
}

PoolPush max_pool_push(const TsrNode& node, const TsrTensor& x, const TsrTensor& y) {
  PoolPush push = push_for(node, x, y);
  push.dilation_h = static_cast<int32_t>(node.ints[6]);
  push.dilation_w = static_cast<int32_t>(node.ints[7]);
  return push;
}

void dispatch(Recorder& r, const Shader& shader, PoolPush push, const TsrTensor& written) {
  const int64_t count = element_count(written);
  push.count = static_cast<int32_t>(count);
  r.dispatch(shader, {}, push, r.groups_for(static_cast<uint64_t>(count), kThreads));
}

// Sums and products of these stay within the 32 bits that shaders count in.
constexpr int64_t kGreatestAttribute = 1 << 15;
// llvmpipe silently ends a shader's loops after 65535 rounds of all of them together.
constexpr int64_t kGreatestWindow = 1 << 15;

template <uint32_t inputs>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 9, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  bool known = plugin::is_floating(y.dtype) && y.rank == 4;
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == y.dtype && node.inputs[i]->rank == 4;
  }
  if (!known) return unsupported(node, "combination of dtypes and ranks", message);
  bool small = node.ints[0] * node.ints[1] <= kGreatestWindow;
  for (uint32_t k = 0; k < 8; ++k) small = small && node.ints[k] <= kGreatestAttribute;
  if (!small) return unsupported(node, "window", message);
  return TSR_OK;
}

TsrStatus check_average(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check<1>(node, message));
  if (node.ints[8] != static_cast<int32_t>(node.ints[8])) {
    return unsupported(node, "divisor", message);
  }
  return TSR_OK;
}

// x -> y
void run_max(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  if (element_count(y) == 0) return;
  PoolPush push = max_pool_push(node, x, y);
  push.x = dense_address(r, x);
  push.y = address_of(y);
  dispatch(r, shaders::pool_maximum(y.dtype), push, y);
}

// g, x -> gx
void run_max_backward(Recorder& r, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &x = *node.inputs[1], &gx = *node.outputs[0];
  if (element_count(gx) == 0) return;
  PoolPush push = max_pool_push(node, x, g);
  const uint64_t gradient = dense_address(r, g);
  push.x = dense_address(r, x);
  push.places = r.scratch(sizeof(int32_t) * static_cast<uint64_t>(element_count(g)));
  push.y = push.places;
  dispatch(r, shaders::pool_argument(x.dtype), push, g);
  push.x = gradient;
  push.y = address_of(gx);
  r.barrier();
  dispatch(r, shaders::pool_backward(x.dtype), push, gx);
}

// x -> y
void run_average(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  if (element_count(y) == 0) return;
  PoolPush push = push_for(node, x, y);
  push.x = dense_address(r, x);
  push.y = address_of(y);
  push.count_include_pad = node.ints[7] != 0;
  push.divisor_override = static_cast<int32_t>(node.ints[8]);
  dispatch(r, shaders::pool_average(y.dtype), push, y);
}

}  // namespace

std::span<const KernelEntry> pool_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"max_pool2d", make_kernel<check<1>, run_max>()},
      {"max_pool2d_backward", make_kernel<check<2>, run_max_backward>()},
      {"avg_pool2d", make_kernel<check_average, run_average>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
