// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/softmax.h"

#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/rows.h"
#include "tessera/backends/vulkan/softmax.spv.h"

namespace tessera::vulkan {
namespace {

struct SoftmaxPush {
  uint64_t a, b, y;
  int32_t rows, size, inner, padding;
};

// ints: dim
template <uint32_t inputs>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool known = plugin::is_floating(dtype);
  for (uint32_t i = 0; i < inputs; ++i) known = known && node.inputs[i]->dtype == dtype;
  if (!known) return unsupported(node, "combination of dtypes", message);
  return Lines(*node.outputs[0], node.ints[0]).size <= kLongestRow
             ? TSR_OK
             : unsupported(node, "length of rows", message);
}

using ShaderOf = const Shader& (*)(uint32_t dtype);

// x -> y, or g, y -> gx
template <ShaderOf shader>
void run(Recorder& r, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  if (element_count(y) == 0) return;
  const Lines lines(y, node.ints[0]);
  const int64_t rows = lines.outer * lines.inner;
  const RowGroups groups = groups_across(rows, lines.size, lines.inner);
  SoftmaxPush push = {};
  push.a = dense_address(r, *node.inputs[0]);
  push.b = node.n_inputs > 1 ? dense_address(r, *node.inputs[1]) : 0;
  push.y = address_of(y);
  push.rows = static_cast<int32_t>(rows);
  push.size = static_cast<int32_t>(lines.size);
  push.inner = static_cast<int32_t>(lines.inner);
  r.dispatch(shader(y.dtype), {groups.lanes, groups.across}, push,
             r.groups_for(rows, groups.rows()));
}

}  // namespace

std::span<const KernelEntry> softmax_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"softmax", make_kernel<check<1>, run<shaders::softmax>>()},
      {"log_softmax", make_kernel<check<1>, run<shaders::softmax_log>>()},
      {"softmax_backward", make_kernel<check<2>, run<shaders::softmax_backward>>()},
      {"log_softmax_backward", make_kernel<check<2>, run<shaders::softmax_log_backward>>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
