// SPDX-License-Identifier: Apache-2.0
//
// x (samples, channels, inner). A channel's elements are cut into parts, of which each has a block,
// or a column of a block where neighbours belong to other channels; a second kernel combines what
// the parts found, a third writes the output. x is read once for its statistics, and once more.
#include <algorithm>
#include <cmath>
#include <limits>

#include "tessera/backends/cuda/batch_norm.h"
#include "tessera/backends/cuda/compensated.h"
#include "tessera/backends/cuda/norm_math.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/strided.h"
#include "tessera/backends/plugin/norm_node.h"

namespace tessera::cuda {
namespace {

using plugin::NormNode;

// How channels are cut, and which threads have one: those of a block, or of a column of a block.
struct ChannelPlan {
  int64_t channels, inner, per_channel, part_size;
  Divisor by_inner;
  RowPlan rows;
  uint32_t parts = 1;

  ChannelPlan(const Launcher& launcher, const TsrTensor& x) {
    channels = x.shape[1];
    inner = 1;
    for (uint32_t k = 2; k < x.rank; ++k) inner *= x.shape[k];
    per_channel = x.shape[0] * inner;
    by_inner = Divisor(static_cast<uint32_t>(std::max<int64_t>(1, inner)));
    constexpr int64_t kFarApart = 8, kLeastPart = 1024, kMostParts = 1024;
    rows = inner < kFarApart ? RowPlan::side_by_side(channels) : RowPlan::of_blocks(channels);
    const int64_t blocks = std::max<uint32_t>(1, rows.blocks());
    const int64_t least = rows.across ? kLeastPart / kWarpSize : kLeastPart;
    const int64_t wanted = 4 * launcher.properties().multiProcessorCount / blocks;
    parts = static_cast<uint32_t>(
        std::clamp<int64_t>(std::min(wanted, per_channel / least), 1, kMostParts));
    part_size = (per_channel + parts - 1) / parts;
  }
  dim3 grid() const { return {rows.blocks(), parts, 1}; }

  // Where element k of a channel stands.
  __device__ __forceinline__ int64_t at(int64_t channel, int64_t k) const {
    const uint32_t sample = by_inner.quotient(static_cast<uint32_t>(k));
    return (sample * channels + channel) * inner + (k - sample * inner);
  }
  __device__ __forceinline__ int64_t begin(uint32_t part) const { return part * part_size; }
  __device__ __forceinline__ int64_t end(uint32_t part) const {
    const int64_t last = (part + 1) * part_size;
    return last < per_channel ? last : per_channel;
  }
};

// ---- Statistics ---------------------------------------------------------------------------------

// x -> parts (parts, channels): mean of the part, and sum of the squared deviations from it
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    part_moments(const T* x, Two<Computed<T>>* parts, ChannelPlan plan) {
  using Real = Computed<T>;
  const RowGroup channel(plan.rows);
  const bool mine = channel.row < plan.channels;
  const int64_t begin = plan.begin(blockIdx.y), end = mine ? plan.end(blockIdx.y) : begin;
  const Real origin = begin < end ? origin_of(load(x[plan.at(channel.row, begin)])) : Real(0);
  Real mean = 0, squares = 0;
  for (int64_t k = begin + channel.lane; k < end; k += channel.lanes) {
    mean += load(x[plan.at(channel.row, k)]) - origin;
  }
  mean = origin + channel.reduce(mean, Add()) / static_cast<Real>(end - begin);
  for (int64_t k = begin + channel.lane; k < end; k += channel.lanes) {
    const Real d = load(x[plan.at(channel.row, k)]) - mean;
    squares += d * d;
  }
  squares = channel.reduce(squares, Add());
  if (mine && channel.lane == 0) parts[blockIdx.y * plan.channels + channel.row] = {mean, squares};
}

// parts (parts, channels) -> means, vars (channels); a thread for each
//   source: Chan, Golub and LeVeque: Algorithms for computing the sample variance (1983)
template <class Real>
__global__ void __launch_bounds__(kRowThreads)
    combine_moments(const Two<Real>* parts, Real* means, Real* vars, ChannelPlan plan) {
  const int64_t channel = int64_t{blockIdx.x} * kRowThreads + threadIdx.x;
  if (channel >= plan.channels) return;
  Real mean = parts[channel].first, squares = parts[channel].second;
  Real count = static_cast<Real>(plan.end(0) - plan.begin(0));
  for (uint32_t p = 1; p < plan.parts; ++p) {
    const Two<Real> part = parts[p * plan.channels + channel];
    const int64_t more = plan.end(p) - plan.begin(p);
    if (more <= 0) break;
    const Real size = static_cast<Real>(more), total = count + size, d = part.first - mean;
    mean += d * (size / total);
    squares += part.second + d * d * (count * (size / total));
    count = total;
  }
  const bool empty = plan.per_channel == 0;
  means[channel] = empty ? std::numeric_limits<Real>::quiet_NaN() : mean;
  vars[channel] = empty ? std::numeric_limits<Real>::quiet_NaN() : squares / count;
}

// y = (x - mean) rstd weight + bias; elements counted by i, `by_inner` and `by_channels`
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    normalize(const T* x, const Computed<T>* means, const Computed<T>* vars, const T* weight,
              const T* bias, T* y, uint32_t count, Divisor by_inner, Divisor by_channels,
              Computed<T> eps) {
  using Real = Computed<T>;
  for (uint64_t i = uint64_t{blockIdx.x} * kRowThreads + threadIdx.x; i < count;
       i += uint64_t{gridDim.x} * kRowThreads) {
    const uint32_t line = by_inner.quotient(static_cast<uint32_t>(i));
    const uint32_t channel = line - by_channels.quotient(line) * by_channels.divisor;
    Real value = (load(x[i]) - means[channel]) * (1 / std::sqrt(vars[channel] + eps));
    if (weight != nullptr) value *= load(weight[channel]);
    if (bias != nullptr) value += load(bias[channel]);
    y[i] = store<T>(value);
  }
}

// ---- Gradients ----------------------------------------------------------------------------------

// Of g and g xhat, which may cancel: they are compensated.
template <class T>
using Sums = Two<Compensated<Computed<T>>>;

// g, x -> parts (parts, channels)
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    part_products(const T* g, const T* x, const Computed<T>* means, const Computed<T>* vars,
                  Sums<T>* parts, ChannelPlan plan, Computed<T> eps) {
  using Real = Computed<T>;
  const RowGroup channel(plan.rows);
  const bool mine = channel.row < plan.channels;
  const int64_t begin = plan.begin(blockIdx.y), end = mine ? plan.end(blockIdx.y) : begin;
  const Real mean = mine ? means[channel.row] : Real(0);
  const Real rstd = mine ? 1 / std::sqrt(vars[channel.row] + eps) : Real(0);
  Sums<T> sums = {};
  for (int64_t k = begin + channel.lane; k < end; k += channel.lanes) {
    const int64_t at = plan.at(channel.row, k);
    const Real gradient = load(g[at]);
    sums.first = sums.first + gradient;
    sums.second = sums.second + gradient * ((load(x[at]) - mean) * rstd);
  }
  sums = channel.reduce(sums, Add());
  if (mine && channel.lane == 0) parts[blockIdx.y * plan.channels + channel.row] = sums;
}

// parts (parts, channels) -> sums (channels), gbias, gweight (channels) or null
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    combine_products(const Sums<T>* parts, Two<Computed<T>>* sums, T* gweight, T* gbias,
                     int64_t channels, uint32_t count) {
  const int64_t channel = int64_t{blockIdx.x} * kRowThreads + threadIdx.x;
  if (channel >= channels) return;
  Sums<T> total = {};
  for (uint32_t p = 0; p < count; ++p) total = total + parts[p * channels + channel];
  const Two<Computed<T>> sum = {total.first.value(), total.second.value()};
  sums[channel] = sum;
  if (gbias != nullptr) gbias[channel] = store<T>(sum.first);
  if (gweight != nullptr) gweight[channel] = store<T>(sum.second);
}

// gx = rstd weight (g - mean(g) - xhat mean(g xhat))
template <class T>
__global__ void __launch_bounds__(kRowThreads)
    normalize_backward(const T* g, const T* x, const Computed<T>* means, const Computed<T>* vars,
                       const T* weight, const Two<Computed<T>>* sums, T* gx, uint32_t count,
                       Divisor by_inner, Divisor by_channels, Computed<T> per_channel,
                       Computed<T> eps) {
  using Real = Computed<T>;
  for (uint64_t i = uint64_t{blockIdx.x} * kRowThreads + threadIdx.x; i < count;
       i += uint64_t{gridDim.x} * kRowThreads) {
    const uint32_t line = by_inner.quotient(static_cast<uint32_t>(i));
    const uint32_t channel = line - by_channels.quotient(line) * by_channels.divisor;
    const Real rstd = 1 / std::sqrt(vars[channel] + eps);
    const Real xhat = (load(x[i]) - means[channel]) * rstd;
    const Two<Real> sum = sums[channel];
    Real value = rstd * (load(g[i]) - sum.first / per_channel - xhat * (sum.second / per_channel));
    if (weight != nullptr) value *= load(weight[channel]);
    gx[i] = store<T>(value);
  }
}

// ---- Nodes --------------------------------------------------------------------------------------

template <bool gradient>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  NormNode n;
  TESSERA_PLUGIN_RETURN_IF_ERROR(plugin::batch_norm_node<gradient>(node, &n, message));
  // Elements are counted in 31 bits.
  return element_count(*n.x) <= std::numeric_limits<int32_t>::max()
             ? TSR_OK
             : unsupported(node, "number of elements", message);
}

uint32_t blocks_of_channels(const ChannelPlan& plan) {
  return static_cast<uint32_t>((plan.channels + kRowThreads - 1) / kRowThreads);
}
Divisor by(int64_t n) { return Divisor(static_cast<uint32_t>(std::max<int64_t>(1, n))); }

void run(Launcher& launcher, const TsrNode& node) {
  NormNode n;
  launcher.check(plugin::batch_norm_node<false>(node, &n, nullptr));
  const ChannelPlan plan(launcher, *n.x);
  const uint32_t count = static_cast<uint32_t>(element_count(*n.x));
  with_floating(n.y->dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    using Real = Computed<T>;
    const T* x = dense_or_null<T>(launcher, n.x);
    Real *means = data_of<Real>(*n.mean), *vars = data_of<Real>(*n.spread);
    auto* parts = launcher.scratch<Two<Real>>(plan.parts * plan.channels);
    launcher.launch(part_moments<T>, plan.grid(), kRowThreads, x, parts, plan);
    launcher.launch(combine_moments<Real>, blocks_of_channels(plan), kRowThreads, parts, means,
                    vars, plan);
    launcher.launch(normalize<T>, launcher.blocks_for(count, kRowThreads), kRowThreads, x, means,
                    vars, dense_or_null<T>(launcher, n.weight), dense_or_null<T>(launcher, n.bias),
                    data_of<T>(*n.y), count, plan.by_inner, by(plan.channels),
                    static_cast<Real>(node.doubles[0]));
  });
}

void run_backward(Launcher& launcher, const TsrNode& node) {
  NormNode n;
  launcher.check(plugin::batch_norm_node<true>(node, &n, nullptr));
  const ChannelPlan plan(launcher, *n.x);
  const uint32_t count = static_cast<uint32_t>(element_count(*n.x));
  with_floating(n.y->dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    using Real = Computed<T>;
    const T *g = dense_or_null<T>(launcher, n.g), *x = dense_or_null<T>(launcher, n.x);
    const Real *means = dense_or_null<Real>(launcher, n.mean),
               *vars = dense_or_null<Real>(launcher, n.spread);
    const Real eps = static_cast<Real>(node.doubles[0]);
    auto* parts = launcher.scratch<Sums<T>>(plan.parts * plan.channels);
    auto* sums = launcher.scratch<Two<Real>>(plan.channels);
    launcher.launch(part_products<T>, plan.grid(), kRowThreads, g, x, means, vars, parts, plan,
                    eps);
    launcher.launch(combine_products<T>, blocks_of_channels(plan), kRowThreads, parts, sums,
                    data_or_null<T>(n.gweight), data_or_null<T>(n.gbias), plan.channels,
                    plan.parts);
    launcher.launch(normalize_backward<T>, launcher.blocks_for(count, kRowThreads), kRowThreads, g,
                    x, means, vars, dense_or_null<T>(launcher, n.weight), sums, data_of<T>(*n.y),
                    count, plan.by_inner, by(plan.channels), static_cast<Real>(plan.per_channel),
                    eps);
  });
}

}  // namespace

std::span<const KernelEntry> batch_norm_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"batch_norm", make_kernel<check<false>, run>()},
      {"batch_norm_backward", make_kernel<check<true>, run_backward>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
