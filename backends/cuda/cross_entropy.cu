// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/cross_entropy.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/row_group.h"

namespace tessera::cuda {
namespace {

constexpr int64_t kMean = 1;
constexpr int64_t kSum = 2;
constexpr uint32_t kMostParts = 1024;  // partial sums of a loss

// ---- cross_entropy ------------------------------------------------------------------------------

// Targets (n) in [0, classes); others count for nothing, and are reported unless ignored.
struct Targets {
  const int64_t* target;
  int64_t n, classes, ignored;
  FaultReporter faults;

  __device__ __forceinline__ bool counts(int64_t i) const {
    return target[i] != ignored && in_range(faults, target[i], classes);
  }
};

// x (n, classes) -> lse (n), losses (n): lse - x[target], 0 where it does not count
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    row_losses(const T* x, T* lse, Computed<T>* losses, Targets targets, RowPlan plan) {
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
  if (!row.is_first()) return;
  const Real value = largest + std::log(sum);
  lse[row.row] = store<T>(value);
  losses[row.row] =
      targets.counts(row.row) ? value - load(x[row.at(targets.target[row.row])]) : Real(0);
}

// One block: (the sum of values (n) or null, how many targets count).
template <class Real>
__device__ __forceinline__ Two<double> sum_and_count(const Real* values, const Targets& targets) {
  Two<double> sums = {0, 0};
  for (int64_t i = threadIdx.x; i < targets.n; i += kRowThreads) {
    if (values != nullptr) sums.first += values[i];
    if (targets.counts(i)) sums.second += 1;
  }
  return reduce_block(sums, Add());
}

// One block: losses (n) -> loss ()
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    total_loss(const Computed<T>* losses, T* loss, Targets targets, bool mean) {
  const Two<double> sums = sum_and_count(losses, targets);
  if (threadIdx.x > 0) return;
  *loss = store<T>(static_cast<Computed<T>>(mean ? sums.first / sums.second : sums.first));
}

// One block: g () -> scale (): what a row's gradient is multiplied with
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    gradient_scale(const T* g, Computed<T>* scale, Targets targets, bool mean) {
  const Two<double> sums = sum_and_count<Computed<T>>(nullptr, targets);
  if (threadIdx.x > 0) return;
  *scale = mean ? load(*g) / static_cast<Computed<T>>(sums.second) : load(*g);
}

// x, gx (n, classes), lse (n): gx = scale (exp(x - lse) - onehot(target)), 0 where it does not
// count; a block has kRowWarps rows, or all threads one long row
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    row_gradients(const T* x, const T* lse, const Computed<T>* scale, T* gx, Targets targets,
                  RowPlan plan) {
  using Real = Computed<T>;
  const RowGroup row(plan);
  if (row.size == 0) return;
  const bool counts = targets.target[row.row] != targets.ignored;
  const int64_t target = targets.target[row.row];
  const Real by = *scale, low = load(lse[row.row]);
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    const Real p = std::exp(load(x[row.at(k)]) - low);
    gx[row.at(k)] = store<T>(counts ? by * (k == target ? p - 1 : p) : Real(0));
  }
}

bool is_reduction(int64_t reduction) { return reduction == kMean || reduction == kSum; }

// x, target -> loss, lse; ints: reduction, ignore_index
TsrStatus check_cross_entropy(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 2, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (!plugin::is_floating(dtype) || node.inputs[0]->dtype != dtype ||
      node.inputs[1]->dtype != TSR_INT64 || node.outputs[1]->dtype != dtype ||
      node.inputs[0]->rank != 2 || !is_reduction(node.ints[0])) {
    return unsupported(node, "combination of dtypes, ranks and reduction", message);
  }
  return TSR_OK;
}

Targets targets_of(Launcher& launcher, const TsrTensor& x, const TsrTensor& target,
                   const TsrNode& node) {
  return {static_cast<const int64_t*>(dense_elements(launcher, target)), x.shape[0], x.shape[1],
          node.ints[1], launcher.faults()};
}

void run_cross_entropy(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &loss = *node.outputs[0], &lse = *node.outputs[1];
  const Targets targets = targets_of(launcher, x, *node.inputs[1], node);
  const RowPlan plan(targets.n, targets.classes, 1);
  const void* data = dense_elements(launcher, x);
  with_floating(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    auto* losses = launcher.scratch<Computed<T>>(targets.n);
    launcher.launch(row_losses<T>, plan.blocks(), kRowThreads, static_cast<const T*>(data),
                    data_of<T>(lse), losses, targets, plan);
    launcher.launch(total_loss<T>, 1, kRowThreads, losses, data_of<T>(loss), targets,
                    node.ints[0] == kMean);
  });
}

// g, x, target, lse -> gx
TsrStatus check_cross_entropy_backward(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 4, 1, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (!plugin::is_floating(dtype) || node.inputs[0]->dtype != dtype ||
      node.inputs[1]->dtype != dtype || node.inputs[2]->dtype != TSR_INT64 ||
      node.inputs[3]->dtype != dtype || node.inputs[1]->rank != 2 || !is_reduction(node.ints[0])) {
    return unsupported(node, "combination of dtypes, ranks and reduction", message);
  }
  return TSR_OK;
}

void run_cross_entropy_backward(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& x = *node.inputs[1];
  const Targets targets = targets_of(launcher, x, *node.inputs[2], node);
  const RowPlan plan(targets.n, targets.classes, 1);
  const void* g = dense_elements(launcher, *node.inputs[0]);
  const void* data = dense_elements(launcher, x);
  const void* lse = dense_elements(launcher, *node.inputs[3]);
  with_floating(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    auto* scale = launcher.scratch<Computed<T>>(1);
    launcher.launch(gradient_scale<T>, 1, kRowThreads, static_cast<const T*>(g), scale, targets,
                    node.ints[0] == kMean);
    launcher.launch(row_gradients<T>, plan.blocks(), kRowThreads, static_cast<const T*>(data),
                    static_cast<const T*>(lse), scale, data_of<T>(*node.outputs[0]), targets, plan);
  });
}

// ---- bce_with_logits ----------------------------------------------------------------------------

// x, y (n) -> parts (gridDim.x): sums of max(x, 0) - x y + log(1 + exp(-|x|))
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    bce_parts(const T* x, const T* y, Computed<T>* parts, int64_t n) {
  using Real = Computed<T>;
  Real sum = 0;
  for (int64_t i = int64_t{blockIdx.x} * kRowThreads + threadIdx.x; i < n;
       i += int64_t{gridDim.x} * kRowThreads) {
    const Real v = load(x[i]);
    sum += (v < 0 ? Real(0) : v) - v * load(y[i]) + std::log1p(std::exp(-std::fabs(v)));
  }
  sum = reduce_block(sum, Add());
  if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// One block: parts (count) -> loss ()
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    bce_total(const Computed<T>* parts, uint32_t count, T* loss, int64_t n, bool mean) {
  double sum = 0;
  for (uint32_t i = threadIdx.x; i < count; i += kRowThreads) sum += parts[i];
  sum = reduce_block(sum, Add());
  if (threadIdx.x > 0) return;
  *loss = store<T>(static_cast<Computed<T>>(mean ? sum / static_cast<double>(n) : sum));
}

// gx = g (sigmoid(x) - y), over n for the mean
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    bce_gradients(const T* g, const T* x, const T* y, T* gx, int64_t n, bool mean) {
  using Real = Computed<T>;
  const Real scale = mean ? load(*g) / static_cast<Real>(n) : load(*g);
  for (int64_t i = int64_t{blockIdx.x} * kRowThreads + threadIdx.x; i < n;
       i += int64_t{gridDim.x} * kRowThreads) {
    const Real v = load(x[i]), e = std::exp(-std::fabs(v)), sigmoid = (v < 0 ? e : 1) / (1 + e);
    gx[i] = store<T>(scale * (sigmoid - load(y[i])));
  }
}

// ints: reduction
template <uint32_t inputs>
TsrStatus check_bce(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool known = plugin::is_floating(dtype) && is_reduction(node.ints[0]);
  for (uint32_t i = 0; i < inputs; ++i) known = known && node.inputs[i]->dtype == dtype;
  return known ? TSR_OK : unsupported(node, "combination of dtypes and reduction", message);
}

void run_bce(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& loss = *node.outputs[0];
  const int64_t n = element_count(*node.inputs[0]);
  const void* x = dense_elements(launcher, *node.inputs[0]);
  const void* y = dense_elements(launcher, *node.inputs[1]);
  const uint32_t count = std::min(kMostParts, launcher.blocks_for(n, 4 * kRowThreads));
  with_floating(loss.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    auto* parts = launcher.scratch<Computed<T>>(count);
    launcher.launch(bce_parts<T>, count, kRowThreads, static_cast<const T*>(x),
                    static_cast<const T*>(y), parts, n);
    launcher.launch(bce_total<T>, 1, kRowThreads, parts, count, data_of<T>(loss), n,
                    node.ints[0] == kMean);
  });
}

void run_bce_backward(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& gx = *node.outputs[0];
  const int64_t n = element_count(gx);
  const void* g = dense_elements(launcher, *node.inputs[0]);
  const void* x = dense_elements(launcher, *node.inputs[1]);
  const void* y = dense_elements(launcher, *node.inputs[2]);
  with_floating(gx.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    launcher.launch(bce_gradients<T>, launcher.blocks_for(n, kRowThreads), kRowThreads,
                    static_cast<const T*>(g), static_cast<const T*>(x), static_cast<const T*>(y),
                    data_of<T>(gx), n, node.ints[0] == kMean);
  });
}

}  // namespace

std::span<const KernelEntry> cross_entropy_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"cross_entropy", make_kernel<check_cross_entropy, run_cross_entropy>()},
      {"cross_entropy_backward",
       make_kernel<check_cross_entropy_backward, run_cross_entropy_backward>()},
      {"bce_with_logits", make_kernel<check_bce<2>, run_bce>()},
      {"bce_with_logits_backward", make_kernel<check_bce<3>, run_bce_backward>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
