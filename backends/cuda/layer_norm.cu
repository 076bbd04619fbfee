// SPDX-License-Identifier: Apache-2.0
//
// Rows of x (rows, size): xhat = (x - mean) rstd, where rms_norm has no mean. mean, rstd (rows);
// weight, bias (size) or null.
#include <algorithm>
#include <cmath>

#include "tessera/backends/cuda/compensated.h"
#include "tessera/backends/cuda/layer_norm.h"
#include "tessera/backends/cuda/norm_math.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/plugin/norm_node.h"

namespace tessera::cuda {
namespace {

using plugin::NormNode;

// y = xhat weight + bias, rstd = 1 / sqrt(var + eps)
template <class T, bool centred>
__global__ void __launch_bounds__(kRowThreads)
    layer_norm_kernel(const T* x, const T* weight, const T* bias, T* y, Computed<T>* means,
                      Computed<T>* rstds, RowPlan plan, Computed<T> eps) {
  using Real = Computed<T>;
  const RowGroup row(plan);
  const Real n = static_cast<Real>(plan.size);
  Real mean = 0;
  if (centred) {
    const Real origin = row.size > 0 ? origin_of(load(x[row.at(0)])) : Real(0);
    for (int64_t k = row.lane; k < row.size; k += row.lanes) mean += load(x[row.at(k)]) - origin;
    mean = origin + row.reduce(mean, Add()) / n;
  }
  Real squares = 0;
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    const Real d = load(x[row.at(k)]) - mean;
    squares += d * d;
  }
  const Real rstd = 1 / std::sqrt(row.reduce(squares, Add()) / n + eps);
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    Real value = (load(x[row.at(k)]) - mean) * rstd;
    if (weight != nullptr) value *= load(weight[k]);
    if (bias != nullptr) value += load(bias[k]);
    y[row.at(k)] = store<T>(value);
  }
  if (!row.is_first()) return;
  if (centred) means[row.row] = mean;
  rstds[row.row] = rstd;
}

// gx = rstd (h - mean(h) - xhat mean(h xhat)), h = g weight; without mean(h) for rms_norm
template <class T, bool centred>
__global__ void __launch_bounds__(kRowThreads)
    layer_norm_backward_kernel(const T* g, const T* x, const T* weight, const Computed<T>* means,
                               const Computed<T>* rstds, T* gx, RowPlan plan) {
  using Real = Computed<T>;
  const RowGroup row(plan);
  const Real mean = centred && row.size > 0 ? means[row.row] : Real(0);
  const Real rstd = row.size > 0 ? rstds[row.row] : Real(0);
  Two<Real> sums = {0, 0};  // of h and h xhat
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    Real h = load(g[row.at(k)]);
    if (weight != nullptr) h *= load(weight[k]);
    sums.first += h;
    sums.second += h * ((load(x[row.at(k)]) - mean) * rstd);
  }
  sums = row.reduce(sums, Add());
  const Real n = static_cast<Real>(plan.size);
  const Real shift = centred ? sums.first / n : Real(0), slope = sums.second / n;
  for (int64_t k = row.lane; k < row.size; k += row.lanes) {
    Real h = load(g[row.at(k)]);
    if (weight != nullptr) h *= load(weight[k]);
    const Real xhat = (load(x[row.at(k)]) - mean) * rstd;
    gx[row.at(k)] = store<T>(rstd * (h - shift - xhat * slope));
  }
}

// Of g xhat and g, which may cancel: they are compensated.
template <class T>
using Sums = Two<Compensated<Computed<T>>>;

// The sums over blockIdx.y's rows: parts (gridDim.y, size). A warp has 32 columns,
// a block's warps have rows in turn.
template <class T, bool centred>
__global__ void __launch_bounds__(kRowThreads)
    affine_parts(const T* g, const T* x, const Computed<T>* means, const Computed<T>* rstds,
                 Sums<T>* parts, int64_t rows, int64_t size, int64_t part_rows) {
  using Real = Computed<T>;
  const int64_t column = int64_t{blockIdx.x} * kWarpSize + threadIdx.x % kWarpSize;
  const int64_t begin = int64_t{blockIdx.y} * part_rows;
  const int64_t end = begin + part_rows < rows ? begin + part_rows : rows;
  Sums<T> sums = {};
  if (column < size) {
    for (int64_t r = begin + threadIdx.x / kWarpSize; r < end; r += kRowWarps) {
      const Real gradient = load(g[r * size + column]), value = load(x[r * size + column]);
      sums.first = sums.first + gradient * ((centred ? value - means[r] : value) * rstds[r]);
      sums.second = sums.second + gradient;
    }
  }
  sums = reduce_warps(sums, Add());
  if (threadIdx.x < kWarpSize && column < size) parts[blockIdx.y * size + column] = sums;
}

// parts (count, size) -> gweight, gbias (size); gbias may be null
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    affine_totals(const Sums<T>* parts, uint32_t count, T* gweight, T* gbias, int64_t size) {
  const int64_t column = int64_t{blockIdx.x} * kWarpSize + threadIdx.x % kWarpSize;
  Sums<T> sums = {};
  if (column < size) {
    for (uint32_t i = threadIdx.x / kWarpSize; i < count; i += kRowWarps) {
      sums = sums + parts[i * size + column];
    }
  }
  sums = reduce_warps(sums, Add());
  if (threadIdx.x >= kWarpSize || column >= size) return;
  gweight[column] = store<T>(sums.first.value());
  if (gbias != nullptr) gbias[column] = store<T>(sums.second.value());
}

template <bool centred, bool gradient>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  NormNode n;
  return plugin::layer_norm_node<centred, gradient>(node, &n, message);
}

RowPlan rows_of(const TsrTensor& x, int64_t dims) {
  int64_t rows = 1, size = 1;
  for (uint32_t k = 0; k < x.rank; ++k) (k + dims < x.rank ? rows : size) *= x.shape[k];
  return {rows, size, 1};
}

template <bool centred>
void run(Launcher& launcher, const TsrNode& node) {
  NormNode n;
  launcher.check(plugin::layer_norm_node<centred, false>(node, &n, nullptr));
  const RowPlan plan = rows_of(*n.y, node.ints[0]);
  with_floating(n.y->dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    using Real = Computed<T>;
    launcher.launch(layer_norm_kernel<T, centred>, plan.blocks(), kRowThreads,
                    dense_or_null<T>(launcher, n.x), dense_or_null<T>(launcher, n.weight),
                    dense_or_null<T>(launcher, n.bias), data_of<T>(*n.y),
                    data_or_null<Real>(n.mean), data_of<Real>(*n.spread), plan,
                    static_cast<Real>(node.doubles[0]));
  });
}

template <bool centred>
void run_backward(Launcher& launcher, const TsrNode& node) {
  NormNode n;
  launcher.check(plugin::layer_norm_node<centred, true>(node, &n, nullptr));
  const RowPlan plan = rows_of(*n.y, node.ints[0]);
  with_floating(n.y->dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    using Real = Computed<T>;
    const T* g = dense_or_null<T>(launcher, n.g);
    const T* x = dense_or_null<T>(launcher, n.x);
    const Real* means = dense_or_null<Real>(launcher, n.mean);
    const Real* rstds = dense_or_null<Real>(launcher, n.spread);
    launcher.launch(layer_norm_backward_kernel<T, centred>, plan.blocks(), kRowThreads, g, x,
                    dense_or_null<T>(launcher, n.weight), means, rstds, data_of<T>(*n.y), plan);
    if (n.gweight == nullptr) return;
    // Enough blocks for the device, of rows enough to be worth a partial sum.
    constexpr int64_t kLeastRows = 8 * kRowWarps, kMostParts = 1024;
    const int64_t tiles = (plan.size + kWarpSize - 1) / kWarpSize;
    const int64_t wanted =
        8 * launcher.properties().multiProcessorCount / std::max<int64_t>(1, tiles);
    const int64_t splits =
        std::clamp<int64_t>(std::min(wanted, plan.rows / kLeastRows), 1, kMostParts);
    const int64_t part_rows = (plan.rows + splits - 1) / splits;
    auto* parts = launcher.scratch<Sums<T>>(splits * plan.size);
    launcher.launch(affine_parts<T, centred>,
                    dim3{static_cast<uint32_t>(tiles), static_cast<uint32_t>(splits), 1},
                    kRowThreads, g, x, means, rstds, parts, plan.rows, plan.size, part_rows);
    launcher.launch(affine_totals<T>, static_cast<uint32_t>(tiles), kRowThreads, parts,
                    static_cast<uint32_t>(splits), data_of<T>(*n.gweight), data_or_null<T>(n.gbias),
                    plan.size);
  });
}

}  // namespace

std::span<const KernelEntry> layer_norm_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"layer_norm", make_kernel<check<true, false>, run<true>>()},
      {"layer_norm_backward", make_kernel<check<true, true>, run_backward<true>>()},
      {"rms_norm", make_kernel<check<false, false>, run<false>>()},
      {"rms_norm_backward", make_kernel<check<false, true>, run_backward<false>>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
