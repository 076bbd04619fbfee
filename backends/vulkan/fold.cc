// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/fold.h"

#include <cstring>

#include "tessera/backends/vulkan/fold.spv.h"
#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/strided.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;

// As fold.comp declares it.
struct WindowDim {
  int32_t size, windows, kernel;
  int32_t stride, dilation;
};

struct FoldPush {
  uint64_t g, y, windows;
  uint32_t count;
  int32_t window_count, kernel_count;
  uint32_t padding;
};

// ints: n, s_1..s_n, k_1..k_n, stride_1..n, dilation_1..n
TsrStatus check_fold(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints < 1 || node.ints[0] < 0 || node.ints[0] > kMaxRank / 2 ||
      node.n_ints != 1 + 4 * node.ints[0]) {
    return unsupported(node, "number of attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, node.n_ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor &g = *node.inputs[0], &y = *node.outputs[0];
  const uint32_t n = static_cast<uint32_t>(node.ints[0]);
  if (g.rank < 2 * n || y.rank != g.rank - n) return unsupported(node, "rank", message);
  if (g.dtype != y.dtype || g.dtype == TSR_BOOL) return unsupported(node, "dtype", message);
  return TSR_OK;
}

// g (B.., o_1..o_n, k_1..k_n), y (B.., s_1..s_n)
void run_fold(Recorder& r, const TsrNode& node) {
  const TsrTensor &g = *node.inputs[0], &y = *node.outputs[0];
  const uint32_t n = static_cast<uint32_t>(node.ints[0]);
  const uint32_t batch_dims = g.rank - 2 * n;
  FoldPush push = {};
  push.count = static_cast<uint32_t>(element_count(y));
  push.window_count = push.kernel_count = 1;
  WindowDim dims[kMaxRank / 2] = {};
  for (uint32_t d = 0; d < n; ++d) {
    dims[d] = {static_cast<int32_t>(y.shape[batch_dims + d]),
               static_cast<int32_t>(g.shape[batch_dims + d]),
               static_cast<int32_t>(g.shape[batch_dims + n + d]),
               static_cast<int32_t>(node.ints[1 + 2 * n + d]),
               static_cast<int32_t>(node.ints[1 + 3 * n + d])};
    push.window_count *= dims[d].windows;
    push.kernel_count *= dims[d].kernel;
  }
  const Slice slice = r.arguments(sizeof dims);
  std::memcpy(slice.host, dims, sizeof dims);
  push.windows = slice.address;
  push.g = dense_address(r, g);
  push.y = address_of(y);
  r.dispatch(shaders::fold(y.dtype), {n}, push, r.groups_for(push.count, kThreads));
}

}  // namespace

std::span<const KernelEntry> fold_kernels() {
  static constexpr KernelEntry kKernels[] = {{"fold_windows", make_kernel<check_fold, run_fold>()}};
  return kKernels;
}

}  // namespace tessera::vulkan
