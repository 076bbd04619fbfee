// SPDX-License-Identifier: Apache-2.0
//
// Ops that move elements and are copies of views.
#include "tessera/backends/cuda/shape.h"

#include <algorithm>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

TsrStatus check_same_dtypes(const TsrNode& node, TsrMessage* message) {
  if (node.n_outputs != 1 || node.n_inputs == 0 || node.n_doubles != 0) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    if (node.inputs[i]->dtype != node.outputs[0]->dtype) {
      return unsupported(node, "combination of dtypes", message);
    }
  }
  return TSR_OK;
}

// A view of `t` of another shape and other strides, `offset` elements further on.
TsrTensor view(const TsrTensor& t, const int64_t* shape, const int64_t* strides, int64_t offset) {
  TsrTensor v = t;
  v.shape = shape;
  v.strides = strides;
  v.data = data_of<char>(t) + offset * static_cast<int64_t>(plugin::item_size(t.dtype));
  return v;
}

TsrStatus check_cat(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints != 1) return unsupported(node, "number of attributes", message);
  return check_same_dtypes(node, message);
}

void run_cat(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  const int64_t dim = node.ints[0];
  int64_t start = 0;
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    const TsrTensor& x = *node.inputs[i];
    copy_elements(launcher, x, view(y, x.shape, y.strides, start * y.strides[dim]));
    start += x.shape[dim];
  }
}

TsrStatus check_pad(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 2 || node.n_ints != 2 * node.inputs[0]->rank) {
    return unsupported(node, "number of operands or attributes", message);
  }
  return check_same_dtypes(node, message);
}

void run_pad(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &value = *node.inputs[1], &y = *node.outputs[0];
  int64_t shape[kMaxRank];  // of what is kept of x
  int64_t x_offset = 0, y_offset = 0;
  bool covers = true;  // all of y
  for (uint32_t k = 0; k < x.rank; ++k) {
    const int64_t before = node.ints[2 * k];
    const int64_t first = std::max<int64_t>(0, -before);  // in x
    const int64_t end = std::min(x.shape[k], y.shape[k] - before);
    shape[k] = std::max<int64_t>(0, end - first);
    covers = covers && shape[k] == y.shape[k];
    x_offset += first * x.strides[k];
    y_offset += (first + before) * y.strides[k];
  }
  if (!covers) copy_elements(launcher, value, y);
  copy_elements(launcher, view(x, shape, x.strides, x_offset), view(y, shape, y.strides, y_offset));
}

TsrStatus check_flip(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 1) return unsupported(node, "number of operands", message);
  return check_same_dtypes(node, message);
}

void run_flip(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& x = *node.inputs[0];
  int64_t strides[kMaxRank];
  std::copy_n(x.strides, x.rank, strides);
  int64_t offset = 0;
  for (uint32_t i = 0; i < node.n_ints; ++i) {
    const int64_t dim = node.ints[i];
    offset += (x.shape[dim] - 1) * x.strides[dim];
    strides[dim] = -x.strides[dim];
  }
  copy_elements(launcher, view(x, x.shape, strides, offset), *node.outputs[0]);
}

}  // namespace

std::span<const KernelEntry> shape_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"cat", make_kernel<check_cat, run_cat>()},
      {"pad", make_kernel<check_pad, run_pad>()},
      {"flip", make_kernel<check_flip, run_flip>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
