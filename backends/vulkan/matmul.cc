// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/matmul.h"

#include "tessera/backends/vulkan/product.h"

namespace tessera::vulkan {
namespace {

bool has_dtype(const TsrNode& node, uint32_t dtype) {
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    if (node.inputs[i]->dtype != dtype) return false;
  }
  return true;
}

TsrStatus check_matmul(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  if (y.dtype == TSR_BOOL || !has_dtype(node, y.dtype)) return unsupported(node, "dtype", message);
  if (y.rank < 2 || node.inputs[0]->rank != y.rank || node.inputs[1]->rank != y.rank) {
    return unsupported(node, "rank", message);
  }
  return TSR_OK;
}

// a (B.., M, K), b (B.., K, N), y (B.., M, N)
void run_matmul(Recorder& r, const TsrNode& node) {
  const TsrTensor &a = *node.inputs[0], &b = *node.inputs[1], &y = *node.outputs[0];
  const uint32_t row = y.rank - 2, column = y.rank - 1;
  Product product = {
      .dtype = y.dtype,
      .a = r.address(a),
      .b = r.address(b),
      .y = address_of(y),
      .m = y.shape[row],
      .n = y.shape[column],
      .k = a.shape[column],
      .a_m = a.strides[row],
      .a_k = a.strides[column],
      .b_k = b.strides[row],
      .b_n = b.strides[column],
  };
  for (uint32_t d = row; d-- > 0;) product.add_batch(y.shape[d], a.strides[d], b.strides[d]);
  run_product(r, product);
}

TsrStatus check_linear(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, node.n_inputs == 3 ? 3 : 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  if (!plugin::is_floating(y.dtype) || !has_dtype(node, y.dtype)) {
    return unsupported(node, "dtype", message);
  }
  const bool fits = y.rank >= 1 && node.inputs[0]->rank == y.rank && node.inputs[1]->rank == 2 &&
                    (node.n_inputs == 2 || node.inputs[2]->rank == 1);
  return fits ? TSR_OK : unsupported(node, "rank", message);
}

// x (B.., K), w (N, K), b (N), y (B.., N)
void run_linear(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &w = *node.inputs[1], &y = *node.outputs[0];
  const TsrTensor* const bias = node.n_inputs == 3 ? node.inputs[2] : nullptr;
  Product product = {
      .dtype = y.dtype,
      .a = r.address(x),
      .b = r.address(w),
      .y = address_of(y),
      .bias = bias == nullptr ? 0 : r.address(*bias),
      .bias_stride = bias == nullptr ? 0 : bias->strides[0],
      .m = 1,
      .n = w.shape[0],
      .k = w.shape[1],
      .a_m = 0,
      .a_k = x.strides[x.rank - 1],
      .b_k = w.strides[1],
      .b_n = w.strides[0],
  };
  for (uint32_t d = x.rank - 1; d-- > 0;) product.add_batch(x.shape[d], x.strides[d], 0);
  run_product(r, product);
}

}  // namespace

std::span<const KernelEntry> matmul_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"matmul", make_kernel<check_matmul, run_matmul>()},
      {"linear", make_kernel<check_linear, run_linear>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
