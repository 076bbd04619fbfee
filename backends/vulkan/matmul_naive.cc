// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/matmul_naive.h"

#include "tessera/backends/vulkan/kernel.h"
#include "tessera/backends/vulkan/matmul_naive.spv.h"

namespace tessera::vulkan {
namespace {

struct Push {
  uint64_t a, b, y;
  int32_t m, n, k;
};

TsrStatus check_naive(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 0, 0, message));
  for (const TsrTensor* t : {node.inputs[0], node.inputs[1], node.outputs[0]}) {
    if (t->dtype != TSR_FLOAT32 || t->rank != 2 || !is_dense(*t)) {
      return unsupported(node, "form of matmul", message);
    }
  }
  return TSR_OK;
}

void run_naive(Recorder& r, const TsrNode& node) {
  const TsrTensor &a = *node.inputs[0], &b = *node.inputs[1], &y = *node.outputs[0];
  const auto m = static_cast<uint32_t>(y.shape[0]), n = static_cast<uint32_t>(y.shape[1]);
  const Push push = {address_of(a),           address_of(b),
                     address_of(y),           static_cast<int32_t>(m),
                     static_cast<int32_t>(n), static_cast<int32_t>(a.shape[1])};
  r.dispatch(shaders::matmul_naive(TSR_FLOAT32), {}, push, {(n + 15) / 16, (m + 15) / 16, 1});
}

}  // namespace

const TsrKernel& naive_matmul_kernel() {
  static constexpr TsrKernel kKernel = make_kernel<check_naive, run_naive>();
  return kKernel;
}

}  // namespace tessera::vulkan
