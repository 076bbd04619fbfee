// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/fold.h"

#include <algorithm>

#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

TsrStatus check_fold(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 1 || node.n_outputs != 1 || node.n_ints < 1 || node.n_doubles != 0 ||
      node.ints[0] < 0 || node.ints[0] > kMaxRank || node.n_ints != 1 + 4 * node.ints[0] ||
      node.inputs[0]->rank < 2 * node.ints[0]) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  if (node.inputs[0]->dtype != node.outputs[0]->dtype || node.inputs[0]->dtype == TSR_BOOL) {
    return unsupported(node, "combination of dtypes", message);
  }
  return TSR_OK;
}

// g (B.., o_1..o_n, k_1..k_n), y (B.., s_1..s_n)
template <class T>
void fold(TsrStream* stream, const TsrNode& node, const T* g, T* y) {
  const TsrTensor& windows = *node.inputs[0];
  const TsrTensor& result = *node.outputs[0];
  const uint32_t n = static_cast<uint32_t>(node.ints[0]);
  const int64_t* const stride = node.ints + 1 + 2 * n;
  const int64_t* const dilation = node.ints + 1 + 3 * n;
  const uint32_t batch_dims = windows.rank - 2 * n;
  int64_t batches = 1, plane = 1, window_elements = 1;
  int64_t strides[kMaxRank];  // in y, of a step in o_k and in k_k
  for (uint32_t k = 0; k < batch_dims; ++k) batches *= result.shape[k];
  for (uint32_t k = n; k-- > 0;) {
    strides[k] = stride[k] * plane;
    strides[n + k] = dilation[k] * plane;
    plane *= result.shape[batch_dims + k];
  }
  const int64_t* const shape = windows.shape + batch_dims;
  for (uint32_t k = 0; k < 2 * n; ++k) window_elements *= shape[k];
  pool_of(stream).ranges(
      batches, (16 << 10) / std::max<int64_t>(1, window_elements) + 1,
      [&](size_t begin, size_t end) {
        for (size_t b = begin; b < end; ++b) {
          T* to = y + b * plane;
          const T* from = g + b * window_elements;
          std::fill_n(to, plane, T(0));
          Odometer at(2 * n, shape, strides);
          for (int64_t i = 0; i < window_elements; ++i) {
            T& target = to[at.offset()];
            target = static_cast<T>(target + from[i]);
            at.next();
          }
        }
      },
      1);
}

TsrStatus run_fold(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const TsrTensor& g = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  if (element_count(y) == 0) return TSR_OK;
  Workspace work(stream, message);
  const uint32_t dtype = compute_dtype(y.dtype);
  const void* in = work.dense_as(g, dtype);
  void* out = work.output_as(y, dtype);
  const auto run = [&]<class T>(T) {
    fold(stream, node, static_cast<const T*>(in), static_cast<T*>(out));
  };
  switch (dtype) {
    case TSR_FLOAT32:
      run(float());
      break;
    case TSR_FLOAT64:
      run(double());
      break;
    case TSR_INT32:
      run(uint32_t());
      break;  // sums wrap
    case TSR_INT64:
      run(uint64_t());
      break;
    default:
      run(uint8_t());
      break;
  }
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {{"fold_windows", make_kernel<check_fold, run_fold>()}};

}  // namespace

std::span<const KernelEntry> fold_kernels() { return kEntries; }

}  // namespace tessera::cpu
