// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/arg_extreme.h"

#include "tessera/backends/vulkan/arg_extreme.spv.h"
#include "tessera/backends/vulkan/reduce_plan.h"

namespace tessera::vulkan {
namespace {

using ShaderOf = const Shader& (*)(uint32_t dtype);

// ints: keepdim, dim
TsrStatus check_arg(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  if (node.outputs[0]->dtype != TSR_INT64) return unsupported(node, "dtype", message);
  if (node.ints[1] < 0 || node.ints[1] >= node.inputs[0]->rank) {
    return unsupported(node, "dim", message);
  }
  return TSR_OK;
}

template <ShaderOf shader>
void run_arg(Recorder& r, const TsrNode& node) {
  const TsrTensor& x = *node.inputs[0];
  bool reduced[kMaxRank] = {};
  reduced[node.ints[1]] = true;
  const uint32_t key_bytes = plugin::item_size(x.dtype) == 8 ? 8 : 4;
  ReducePlan(r, x, reduced)
      .record(r, shader(x.dtype), address_of(*node.outputs[0]),
              key_bytes + static_cast<uint32_t>(sizeof(uint32_t)));
}

}  // namespace

std::span<const KernelEntry> arg_extreme_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"argmax", make_kernel<check_arg, run_arg<shaders::arg_extreme_max>>()},
      {"argmin", make_kernel<check_arg, run_arg<shaders::arg_extreme_min>>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
