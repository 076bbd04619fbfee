// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/batch_norm.h"

#include <algorithm>

#include "tessera/backends/vulkan/batch_norm.spv.h"
#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/wide.h"

namespace tessera::vulkan {
namespace {

using plugin::compute_dtype;

constexpr uint32_t kThreads = 256;

// batch_norm: x, [w], [b] -> y, mean, var; ints: has_weight, has_bias
// gradient: g, x, [w], mean, var -> gx, [gw, gb]; ints: has_weight, affine
// doubles: eps
template <bool gradient>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints != 2 || node.n_doubles != 1) {
    return unsupported(node, "number of attributes", message);
  }
  const bool has_weight = node.ints[0] != 0, second = node.ints[1] != 0;
  const uint32_t operands = gradient ? 2u + has_weight : 1u + has_weight + second;
  const uint32_t outputs = gradient && !second ? 1 : 3;
  if (node.n_inputs != operands + (gradient ? 2 : 0) || node.n_outputs != outputs) {
    return unsupported(node, "number of operands", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype, wide = compute_dtype(dtype);
  bool known = plugin::is_floating(dtype) && node.outputs[0]->rank >= 2;
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    known = known && node.inputs[i]->dtype == (i < operands ? dtype : wide);
  }
  for (uint32_t i = 1; i < outputs; ++i) {
    known = known && node.outputs[i]->dtype == (gradient ? dtype : wide);
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

// As batch_norm.comp declares it.
struct BatchNormPush {
  uint64_t x, g, weight, bias, mean, var, parts, sums, y, gw, gb, eps;
  int32_t channels, inner, per_channel, part_size, count, padding;
};

struct Shaders {
  const Shader &parts, &finish, &apply;
};

// The three passes, over x of x's shape. Without elements only the sums are made.
void run_passes(Recorder& r, const TsrTensor& x, const Shaders& shaders, BatchNormPush push) {
  constexpr int64_t kLeastPart = 4096;  // elements of a channel
  constexpr int64_t kMostParts = 16384;
  int64_t inner = 1;
  for (uint32_t k = 2; k < x.rank; ++k) inner *= x.shape[k];
  const int64_t per_channel = x.shape[0] * inner;
  const int64_t part_size = std::max(kLeastPart, (per_channel + kMostParts - 1) / kMostParts);
  const uint32_t parts = static_cast<uint32_t>((per_channel + part_size - 1) / part_size);
  push.channels = static_cast<int32_t>(x.shape[1]);
  push.inner = static_cast<int32_t>(inner);
  push.per_channel = static_cast<int32_t>(per_channel);
  push.part_size = static_cast<int32_t>(part_size);
  push.parts = r.scratch(4 * wide_size(x.dtype) * parts * static_cast<uint64_t>(x.shape[1]));

  // Channels side by side where the elements of one are far apart.
  const uint32_t across = inner < 8 ? 1 : 0, lanes = across != 0 ? 8 : kThreads;
  const auto groups_of = [&](uint32_t lanes_of_one) {
    const uint32_t channels = kThreads / lanes_of_one;
    return (static_cast<uint32_t>(push.channels) + channels - 1) / channels;
  };
  r.dispatch(shaders.parts, {lanes, across}, push, {groups_of(lanes), parts, 1});
  r.barrier();
  constexpr uint32_t kFinishLanes = 8;
  push.count = static_cast<int32_t>(parts);
  r.dispatch(shaders.finish, {kFinishLanes, 1}, push, {groups_of(kFinishLanes), 1, 1});
  r.barrier();
  const int64_t elements = element_count(x);
  push.count = static_cast<int32_t>(elements);
  r.dispatch(shaders.apply, {kThreads, 0}, push,
             r.groups_for(static_cast<uint64_t>(elements), kThreads));
}

void run_forward(Recorder& r, const TsrNode& node) {
  const TsrTensor& x = *node.inputs[0];
  const bool has_weight = node.ints[0] != 0, has_bias = node.ints[1] != 0;
  BatchNormPush push = {};
  push.x = dense_address(r, x);
  if (has_weight) push.weight = dense_address(r, *node.inputs[1]);
  if (has_bias) push.bias = dense_address(r, *node.inputs[1 + has_weight]);
  push.y = address_of(*node.outputs[0]);
  push.mean = address_of(*node.outputs[1]);
  push.var = address_of(*node.outputs[2]);
  push.eps = wide_argument(r, x.dtype, node.doubles[0]);
  run_passes(r, x,
             {shaders::batch_norm_parts(x.dtype), shaders::batch_norm_finish(x.dtype),
              shaders::batch_norm_apply(x.dtype)},
             push);
}

void run_backward(Recorder& r, const TsrNode& node) {
  const TsrTensor& x = *node.inputs[1];
  const bool has_weight = node.ints[0] != 0, affine = node.ints[1] != 0;
  const uint32_t statistics = 2u + has_weight;
  BatchNormPush push = {};
  push.g = dense_address(r, *node.inputs[0]);
  push.x = dense_address(r, x);
  if (has_weight) push.weight = dense_address(r, *node.inputs[2]);
  push.mean = dense_address(r, *node.inputs[statistics]);
  push.var = dense_address(r, *node.inputs[statistics + 1]);
  push.y = address_of(*node.outputs[0]);
  if (affine) {
    push.gw = address_of(*node.outputs[1]);
    push.gb = address_of(*node.outputs[2]);
  }
  push.sums = r.scratch(2 * wide_size(x.dtype) * static_cast<uint64_t>(x.shape[1]));
  push.eps = wide_argument(r, x.dtype, node.doubles[0]);
  run_passes(
      r, x,
      {shaders::batch_norm_gradient_parts(x.dtype), shaders::batch_norm_gradient_finish(x.dtype),
       shaders::batch_norm_gradient_apply(x.dtype)},
      push);
}

}  // namespace

std::span<const KernelEntry> batch_norm_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"batch_norm", make_kernel<check<false>, run_forward>()},
      {"batch_norm_backward", make_kernel<check<true>, run_backward>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
