// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/conv_node.h"

namespace tessera::vulkan {
namespace {

// Shaders count in 32 bits.
bool fits(int64_t value) { return value <= INT32_MAX / 4; }

}  // namespace

TsrStatus check_convolution(const TsrNode& node, uint32_t inputs, uint32_t ints,
                            TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  bool known = plugin::is_floating(y.dtype) && y.rank == 4;
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == y.dtype;
    known = known && node.inputs[i]->rank == (i == 2 ? 1 : 4);
  }
  if (!known) return unsupported(node, "combination of dtypes and ranks", message);
  // Stride, padding and dilation; no kernel is larger than the padded image.
  for (int k = 0; k < 6; ++k) {
    if (!fits(node.ints[k])) return unsupported(node, "geometry", message);
  }
  return TSR_OK;
}

}  // namespace tessera::vulkan
