// SPDX-License-Identifier: Apache-2.0
//
// A row is read three times by the forward and twice by the gradient, once from memory: the floor
// is its bytes, read and written.
#include <cmath>
#include <limits>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/row_group.h"
#include "tessera/backends/cuda/softmax.h"

namespace tessera::cuda {
namespace {

// x, y (outer, size, inner)
template <class T, bool log>
__global__ void __launch_bounds__(kRowThreads) softmax_kernel(const T* x, T* y, RowPlan plan) {
  using Real = Computed<T>;
  const RowGroup row(plan);
  Real largest = -std::numeric_limits<Real>::infinity();
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    largest = Largest()(largest, load(x[row.at(k)]));
  }
  largest = row.reduce(largest, Largest());
  Real sum = 0;
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    sum += std::exp(load(x[row.at(k)]) - largest);
  }
  sum = row.reduce(sum, Add());
  const Real scale = log ? std::log(sum) : 1 / sum;
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    const Real low = load(x[row.at(k)]) - largest;
    y[row.at(k)] = store<T>(log ? low - scale : std::exp(low) * scale);
  }
}

// gx = (g - sum(g y)) y, or g - sum(g) exp(y) for the logarithm
template <class T, bool log>
__global__ void __launch_bounds__(kRowThreads)
    softmax_backward_kernel(const T* g, const T* y, T* gx, RowPlan plan) {
  using Real = Computed<T>;
  const RowGroup row(plan);
  Real sum = 0;
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    const int64_t at = row.at(k);
    sum += log ? load(g[at]) : load(g[at]) * load(y[at]);
  }
  sum = row.reduce(sum, Add());
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    const int64_t at = row.at(k);
    const Real gradient = load(g[at]), value = load(y[at]);
    gx[at] = store<T>(log ? gradient - sum * std::exp(value) : (gradient - sum) * value);
  }
}

template <uint32_t inputs>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool known = plugin::is_floating(dtype);
  for (uint32_t i = 0; i < inputs; ++i) known = known && node.inputs[i]->dtype == dtype;
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

template <bool log>
void run(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  if (element_count(y) == 0) return;
  const Lines lines(y, node.ints[0]);
  const RowPlan plan(lines.outer, lines.size, lines.inner);
  const void* x = dense_elements(launcher, *node.inputs[0]);
  with_floating(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launcher.launch(softmax_kernel<T, log>, plan.blocks(), kRowThreads, static_cast<const T*>(x),
                    data_of<T>(y), plan);
  });
}

template <bool log>
void run_backward(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& gx = *node.outputs[0];
  if (element_count(gx) == 0) return;
  const Lines lines(gx, node.ints[0]);
  const RowPlan plan(lines.outer, lines.size, lines.inner);
  const void* g = dense_elements(launcher, *node.inputs[0]);
  const void* y = dense_elements(launcher, *node.inputs[1]);
  with_floating(gx.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launcher.launch(softmax_backward_kernel<T, log>, plan.blocks(), kRowThreads,
                    static_cast<const T*>(g), static_cast<const T*>(y), data_of<T>(gx), plan);
  });
}

}  // namespace

std::span<const KernelEntry> softmax_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"softmax", make_kernel<check<1>, run<false>>()},
      {"log_softmax", make_kernel<check<1>, run<true>>()},
      {"softmax_backward", make_kernel<check<2>, run_backward<false>>()},
      {"log_softmax_backward", make_kernel<check<2>, run_backward<true>>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
