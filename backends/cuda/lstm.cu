// SPDX-License-Identifier: Apache-2.0
//
// A launch for every step, of a product with all that follows from it. A tile of the forward has
// sequences as rows and, as columns, the four gates of kUnits units: a thread has all gates of its
// elements. The gradient's launch makes the gradient of h from the gates of the step computed
// after, and from it that of the gates. Rows are packed (tensor/ops/lstm.h).
#include <algorithm>
#include <cmath>
#include <utility>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/lstm.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/tile_product.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kUnits = kTile / 4;
constexpr uint32_t kSide = 4;  // of TileSums

// One step: its rows are those of the sequences 0 ... size - 1. In the order of computing `before`
// comes before it and `after` after it; their sizes are 0 where there is none.
struct Step {
  uint32_t size, before, after;
  int64_t row, row_before;  // the first in packed tensors

  Step(const TsrNode& node, int64_t k) : size(0), before(0), after(0), row(0), row_before(0) {
    const int64_t* sizes = node.ints + 1;
    const int64_t count = node.n_ints - 1;
    const bool reverse = node.ints[0] != 0;
    const auto at = [&](int64_t i) { return reverse ? count - 1 - i : i; };
    for (int64_t t = 0; t < at(k); ++t) row += sizes[t];
    size = static_cast<uint32_t>(sizes[at(k)]);
    if (k + 1 < count) after = static_cast<uint32_t>(sizes[at(k + 1)]);
    if (k == 0) return;
    before = static_cast<uint32_t>(sizes[at(k - 1)]);
    row_before = reverse ? row + size : row - before;
  }
};

// ---- Forward ------------------------------------------------------------------------------------

// (B, n) and packed (N, ..): of all steps
template <class T>
struct Forward {
  using Real = Computed<T>;
  const T *gates, *weight, *h0, *c0;  // weight (4 n, n)
  T *y, *h_n, *c_n;
  Real *activated, *cells;
  const Real* h_before;  // (B, n)
  Real* h_after;
};

template <class Real>
__device__ __forceinline__ Real sigmoid(Real x) {
  return 1 / (1 + std::exp(-x));
}

template <class T>
__global__ void __launch_bounds__(kTileThreads) lstm_step(Forward<T> t, Step step, uint32_t n) {
  using Real = Computed<T>;
  const uint32_t first_row = blockIdx.y * kTile, first_unit = blockIdx.x * kUnits;
  // Column c is a gate of a unit; TileSums::column gives a thread one unit's gates.
  const auto unit_of = [&](uint32_t c) { return first_unit + c % 8 + c / 32 * 8; };
  const auto gate_of = [](uint32_t c) { return c / 8 % 4; };

  const auto load_h = [&](int64_t s, Real* values) {
    const uint32_t k = static_cast<uint32_t>(s) * kTileDepth + AlongDepth::depth(0);
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t b = first_row + AlongDepth::place(j);
      const int64_t at = int64_t{b} * n + k;
      values[j] = b >= step.size || k >= n ? Real(0)
                  : b < step.before        ? t.h_before[at]
                                           : load(t.h0[at]);
    }
  };
  const auto load_weight = [&](int64_t s, Real* values) {
    const uint32_t k = static_cast<uint32_t>(s) * kTileDepth + AlongDepth::depth(0);
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t c = AlongDepth::place(j), unit = unit_of(c);
      const int64_t row = int64_t{gate_of(c)} * n + unit;
      values[j] = unit < n && k < n ? load(t.weight[row * n + k]) : Real(0);
    }
  };
  TESSERA_SHARED(TileBuffers<Real>, buffers);
  TileSums<Real> tile;
  multiply_tiles<AlongDepth>(buffers, (n + kTileDepth - 1) / kTileDepth, tile, load_h, load_weight);

  const uint32_t unit = unit_of(TileSums<Real>::column(0));
  if (unit >= n) return;
  TESSERA_UNROLL for (uint32_t k = 0; k < kSide; ++k) {
    const uint32_t b = first_row + TileSums<Real>::first_row() + k;
    if (b >= step.size) return;
    const int64_t row = step.row + b, state = int64_t{b} * n + unit;
    const T* const in = t.gates + row * 4 * n + unit;
    const Real i = sigmoid(tile.sums[k][0] + load(in[0]));
    const Real f = sigmoid(tile.sums[k][1] + load(in[n]));
    const Real g = std::tanh(tile.sums[k][2] + load(in[2 * n]));
    const Real o = sigmoid(tile.sums[k][3] + load(in[3 * n]));
    const Real c_before =
        b < step.before ? t.cells[(step.row_before + b) * n + unit] : load(t.c0[state]);
    const Real c = f * c_before + i * g, h = o * std::tanh(c);
    Real* const out = t.activated + row * 4 * n + unit;
    out[0] = i;
    out[n] = f;
    out[2 * n] = g;
    out[3 * n] = o;
    t.cells[row * n + unit] = c;
    t.y[row * n + unit] = store<T>(h);
    t.h_after[state] = h;
    if (b < step.after) continue;
    t.h_n[state] = store<T>(h);
    t.c_n[state] = store<T>(c);
  }
}

// ---- Gradient -----------------------------------------------------------------------------------

template <class T>
struct Backward {
  using Real = Computed<T>;
  const T *gy, *gh, *gc, *weight, *c0;
  const Real *activated, *cells;
  T *dgates, *dh0, *dc0;
  Real* dc;                  // (B, n)
  const Real* dgates_after;  // (B, 4 n): of the step that is computed after this one
  Real* dgates_now;
};

// step.after rows have a gradient from the step after; others begin with that for h_n and c_n. Rows
// from step.size on have no step before: what has come to them is the gradient for h0 and c0.
template <class T>
__global__ void __launch_bounds__(kTileThreads)
    lstm_step_backward(Backward<T> t, Step step, uint32_t n) {
  using Real = Computed<T>;
  const uint32_t first_row = blockIdx.y * kTile, first_unit = blockIdx.x * kTile;
  const auto load_dgates = [&](int64_t s, Real* values) {
    const uint32_t k = static_cast<uint32_t>(s) * kTileDepth + AlongDepth::depth(0);
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t b = first_row + AlongDepth::place(j);
      values[j] = b < step.after && k < 4 * n ? t.dgates_after[int64_t{b} * 4 * n + k] : Real(0);
    }
  };
  const auto load_weight = [&](int64_t s, Real* values) {
    const uint32_t unit = first_unit + AcrossDepth::place(0);
    TESSERA_UNROLL for (uint32_t j = 0; j < kTileLoads; ++j) {
      const uint32_t k = static_cast<uint32_t>(s) * kTileDepth + AcrossDepth::depth(j);
      values[j] = unit < n && k < 4 * n ? load(t.weight[int64_t{k} * n + unit]) : Real(0);
    }
  };
  TESSERA_SHARED(TileBuffers<Real>, buffers);
  TileSums<Real> tile;
  const int64_t steps = first_row < step.after ? (4 * n + kTileDepth - 1) / kTileDepth : 0;
  multiply_tiles<AcrossDepth>(buffers, steps, tile, load_dgates, load_weight);

  const uint32_t rows = step.size > step.after ? step.size : step.after;
  tile.for_each([&](uint32_t r, uint32_t column, Real sum) {
    const uint32_t b = first_row + r, unit = first_unit + column;
    if (b >= rows || unit >= n) return;
    const int64_t state = int64_t{b} * n + unit;
    Real dh = b < step.after ? sum : load(t.gh[state]);
    Real dc = b < step.after ? t.dc[state] : load(t.gc[state]);
    if (b >= step.size) {
      t.dh0[state] = store<T>(dh);
      t.dc0[state] = store<T>(dc);
      return;
    }
    const int64_t row = step.row + b;
    dh += load(t.gy[row * n + unit]);
    const Real* const a = t.activated + row * 4 * n + unit;
    const Real i = a[0], f = a[n], g = a[2 * n], o = a[3 * n];
    const Real out = std::tanh(t.cells[row * n + unit]);
    const Real c_before =
        b < step.before ? t.cells[(step.row_before + b) * n + unit] : load(t.c0[state]);
    dc += dh * o * (1 - out * out);
    const Real gradients[4] = {dc * g * i * (1 - i), dc * c_before * f * (1 - f),
                               dc * i * (1 - g * g), dh * out * o * (1 - o)};
    TESSERA_UNROLL for (uint32_t k = 0; k < 4; ++k) {
      t.dgates_now[int64_t{b} * 4 * n + k * n + unit] = gradients[k];
      t.dgates[(row * 4 + k) * n + unit] = store<T>(gradients[k]);
    }
    t.dc[state] = dc * f;
  });
}

// ---- Nodes --------------------------------------------------------------------------------------

// lstm: gates, weight, h0, c0 -> y, h_n, c_n, activated, cells
// lstm_backward: gy, gh_n, gc_n, weight, activated, cells, c0 -> gradients of gates, h0, c0
template <bool gradient>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = gradient ? 7 : 4, outputs = gradient ? 3 : 5;
  if (node.n_inputs != inputs || node.n_outputs != outputs || node.n_ints < 2 ||
      node.n_doubles != 0) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype, wide = plugin::compute_dtype(dtype);
  bool known = plugin::is_floating(dtype);
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == (gradient && (i == 4 || i == 5) ? wide : dtype);
  }
  for (uint32_t i = 0; i < outputs; ++i) {
    known = known && node.outputs[i]->dtype == (i >= 3 ? wide : dtype);
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

uint32_t blocks_of(int64_t n, uint32_t each) {
  return static_cast<uint32_t>((n + each - 1) / each);
}

template <class T>
const T* dense(Launcher& launcher, const TsrTensor& t) {
  return static_cast<const T*>(dense_elements(launcher, t));
}

void run(Launcher& launcher, const TsrNode& node) {
  const int64_t batch = node.inputs[2]->shape[0], n = node.inputs[2]->shape[1];
  with_floating(node.outputs[0]->dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    using Real = Computed<T>;
    Forward<T> t = {};
    t.gates = dense<T>(launcher, *node.inputs[0]);
    t.weight = dense<T>(launcher, *node.inputs[1]);
    t.h0 = dense<T>(launcher, *node.inputs[2]);
    t.c0 = dense<T>(launcher, *node.inputs[3]);
    t.y = data_of<T>(*node.outputs[0]);
    t.h_n = data_of<T>(*node.outputs[1]);
    t.c_n = data_of<T>(*node.outputs[2]);
    t.activated = data_of<Real>(*node.outputs[3]);
    t.cells = data_of<Real>(*node.outputs[4]);
    Real* states[2] = {launcher.scratch<Real>(batch * n), launcher.scratch<Real>(batch * n)};
    for (int64_t k = 0; k + 1 < node.n_ints; ++k) {
      const Step step(node, k);
      t.h_before = states[0];
      t.h_after = states[1];
      launcher.launch(lstm_step<T>, dim3{blocks_of(n, kUnits), blocks_of(step.size, kTile), 1},
                      kTileThreads, t, step, static_cast<uint32_t>(n));
      std::swap(states[0], states[1]);
    }
  });
}

void run_backward(Launcher& launcher, const TsrNode& node) {
  const int64_t batch = node.inputs[1]->shape[0], n = node.inputs[1]->shape[1];
  with_floating(node.outputs[0]->dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    using Real = Computed<T>;
    Backward<T> t = {};
    t.gy = dense<T>(launcher, *node.inputs[0]);
    t.gh = dense<T>(launcher, *node.inputs[1]);
    t.gc = dense<T>(launcher, *node.inputs[2]);
    t.weight = dense<T>(launcher, *node.inputs[3]);
    t.activated = dense<Real>(launcher, *node.inputs[4]);
    t.cells = dense<Real>(launcher, *node.inputs[5]);
    t.c0 = dense<T>(launcher, *node.inputs[6]);
    t.dgates = data_of<T>(*node.outputs[0]);
    t.dh0 = data_of<T>(*node.outputs[1]);
    t.dc0 = data_of<T>(*node.outputs[2]);
    t.dc = launcher.scratch<Real>(batch * n);
    Real* gates[2] = {launcher.scratch<Real>(4 * batch * n), launcher.scratch<Real>(4 * batch * n)};
    const auto launch = [&](const Step& step) {
      t.dgates_after = gates[0];
      t.dgates_now = gates[1];
      launcher.launch(
          lstm_step_backward<T>,
          dim3{blocks_of(n, kTile), blocks_of(std::max(step.size, step.after), kTile), 1},
          kTileThreads, t, step, static_cast<uint32_t>(n));
      std::swap(gates[0], gates[1]);
    };
    for (int64_t k = node.n_ints - 1; k-- > 0;) launch(Step(node, k));
    // What has come to the first step's rows.
    Step none(node, 0);
    none.after = std::exchange(none.size, 0);
    launch(none);
  });
}

}  // namespace

std::span<const KernelEntry> lstm_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"lstm", make_kernel<check<false>, run>()},
      {"lstm_backward", make_kernel<check<true>, run_backward>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
