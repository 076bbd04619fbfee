// SPDX-License-Identifier: Apache-2.0
//
// Ops that move elements and are copies of views.
#include "tessera/backends/cpu/shape.h"

#include <algorithm>

#include "tessera/backends/cpu/convert.h"
#include "tessera/backends/cpu/copy.h"

namespace tessera::cpu {
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
  v.data = static_cast<char*>(t.data) + offset * static_cast<int64_t>(item_size(t.dtype));
  return v;
}

TsrStatus check_cat(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints != 1) return unsupported(node, "number of attributes", message);
  return check_same_dtypes(node, message);
}

TsrStatus run_cat(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  const TsrTensor& y = *node.outputs[0];
  const int64_t dim = node.ints[0];
  int64_t start = 0;
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    const TsrTensor& x = *node.inputs[i];
    copy_tensor(pool_of(stream), x, view(y, x.shape, y.strides, start * y.strides[dim]));
    start += x.shape[dim];
  }
  return TSR_OK;
}

TsrStatus check_pad(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 2 || node.n_ints != 2 * node.inputs[0]->rank) {
    return unsupported(node, "number of operands or attributes", message);
  }
  return check_same_dtypes(node, message);
}

TsrStatus run_pad(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& value = *node.inputs[1];
  const TsrTensor& y = *node.outputs[0];
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
  if (!covers) copy_tensor(pool_of(stream), value, y);
  for (uint32_t k = 0; k < x.rank; ++k) {
    if (shape[k] == 0) return TSR_OK;
  }
  copy_tensor(pool_of(stream), view(x, shape, x.strides, x_offset),
              view(y, shape, y.strides, y_offset));
  return TSR_OK;
}

TsrStatus check_flip(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 1) return unsupported(node, "number of operands", message);
  return check_same_dtypes(node, message);
}

TsrStatus run_flip(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  const TsrTensor& x = *node.inputs[0];
  if (element_count(x) == 0) return TSR_OK;
  int64_t strides[kMaxRank];
  std::copy_n(x.strides, x.rank, strides);
  int64_t offset = 0;
  for (uint32_t i = 0; i < node.n_ints; ++i) {
    const int64_t dim = node.ints[i];
    offset += (x.shape[dim] - 1) * x.strides[dim];
    strides[dim] = -x.strides[dim];
  }
  copy_tensor(pool_of(stream), view(x, x.shape, strides, offset), *node.outputs[0]);
  return TSR_OK;
}

TsrStatus check_arange(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_same_dtypes(node, message));
  if (node.outputs[0]->dtype == TSR_BOOL) return unsupported(node, "dtype", message);
  return TSR_OK;
}

TsrStatus run_arange(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  const TsrTensor& y = *node.outputs[0];
  const uint32_t wide = is_floating(y.dtype) ? uint32_t{TSR_FLOAT64} : uint32_t{TSR_INT64};
  uint64_t start_bits, step_bits;
  find_convert(y.dtype, wide)(node.inputs[0]->data, &start_bits, 1);
  find_convert(y.dtype, wide)(node.inputs[1]->data, &step_bits, 1);
  const ConvertKernel narrow = find_convert(wide, y.dtype);
  constexpr size_t kTile = 512;
  pool_of(stream).ranges(element_count(y), 64 * kTile, [&](size_t begin, size_t end) {
    uint64_t tile[kTile];
    for (size_t first = begin; first < end; first += kTile) {
      const size_t n = std::min(kTile, end - first);
      if (wide == TSR_FLOAT64) {
        const double start = __builtin_bit_cast(double, start_bits);
        const double step = __builtin_bit_cast(double, step_bits);
        for (size_t i = 0; i < n; ++i) {
          tile[i] = __builtin_bit_cast(uint64_t, start + static_cast<double>(first + i) * step);
        }
      } else {
        for (size_t i = 0; i < n; ++i) tile[i] = start_bits + (first + i) * step_bits;
      }
      narrow(tile, data_of<char>(y) + first * item_size(y.dtype), n);
    }
  });
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"cat", make_kernel<check_cat, run_cat>()},
    {"pad", make_kernel<check_pad, run_pad>()},
    {"flip", make_kernel<check_flip, run_flip>()},
    {"arange", make_kernel<check_arange, run_arange>()},
};

}  // namespace

std::span<const KernelEntry> shape_kernels() { return kEntries; }

}  // namespace tessera::cpu
