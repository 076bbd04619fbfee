// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/reduce.h"

#include "tessera/backends/vulkan/reduce.spv.h"
#include "tessera/backends/vulkan/reduce_plan.h"

namespace tessera::vulkan {
namespace {

using ShaderOf = const Shader& (*)(uint32_t dtype);

// ints: keepdim, reduced dims...
template <ShaderOf shader, bool of_numbers, bool of_bool>
TsrStatus check_reduce(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints < 1) return unsupported(node, "number of attributes", message);
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, node.n_ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& x = *node.inputs[0];
  if (x.dtype != node.outputs[0]->dtype || !(x.dtype == TSR_BOOL ? of_bool : of_numbers)) {
    return unsupported(node, "combination of dtypes", message);
  }
  for (uint32_t k = 1; k < node.n_ints; ++k) {
    if (node.ints[k] < 0 || node.ints[k] >= x.rank) return unsupported(node, "dim", message);
  }
  return TSR_OK;
}

template <ShaderOf shader>
void run_reduce(Recorder& r, const TsrNode& node) {
  const TsrTensor& x = *node.inputs[0];
  bool reduced[kMaxRank] = {};
  for (uint32_t k = 1; k < node.n_ints; ++k) reduced[node.ints[k]] = true;
  // Partial results are in the dtype of computing, of 4 or 8 bytes.
  const uint32_t partial_bytes = plugin::item_size(x.dtype) == 8 ? 8 : 4;
  ReducePlan(r, x, reduced).record(r, shader(x.dtype), address_of(*node.outputs[0]), partial_bytes);
}

template <ShaderOf shader, bool of_numbers, bool of_bool>
constexpr TsrKernel kernel() {
  return make_kernel<check_reduce<shader, of_numbers, of_bool>, run_reduce<shader>>();
}

}  // namespace

// `any` and `all` are the greatest and the least of 0 and 1.
std::span<const KernelEntry> reduce_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"sum", kernel<shaders::reduce_sum, true, false>()},
      {"prod", kernel<shaders::reduce_prod, true, false>()},
      {"amax", kernel<shaders::reduce_max, true, true>()},
      {"amin", kernel<shaders::reduce_min, true, true>()},
      {"any", kernel<shaders::reduce_max, false, true>()},
      {"all", kernel<shaders::reduce_min, false, true>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
