// SPDX-License-Identifier: Apache-2.0
//
// Sequences are shared out to threads, each of which runs all steps of its own: no step waits for
// another thread. The recurrent weight is packed once for all steps. Rows are packed
// (tensor/ops/lstm.h): a step's rows are a prefix of those of the step before.
#include "tessera/backends/cpu/lstm.h"

#include <algorithm>

#include "tessera/backends/cpu/gemm.h"
#include "tessera/backends/cpu/lstm_rows.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kGrain = 2'000'000;  // multiplications and additions that are worth a thread

// ints: reverse, batch sizes...
struct Steps {
  bool reverse;
  const int64_t* sizes;
  int64_t count, rows = 0;

  explicit Steps(const TsrNode& node)
      : reverse(node.ints[0] != 0), sizes(node.ints + 1), count(node.n_ints - 1) {
    for (int64_t t = 0; t < count; ++t) rows += sizes[t];
  }

  // Calls f(t, first row of t, step before t in the order of computing or -1, its first row), in
  // that order or backwards.
  template <class F>
  void for_each(bool backwards, F f) const {
    const bool ascending = reverse == backwards;
    int64_t offset = ascending ? 0 : rows;
    for (int64_t k = 0; k < count; ++k) {
      const int64_t t = ascending ? k : count - 1 - k;
      if (!ascending) offset -= sizes[t];
      const int64_t before = reverse ? (t + 1 < count ? t + 1 : -1) : t - 1;
      f(t, offset, before, reverse ? offset + sizes[t] : offset - (t > 0 ? sizes[t - 1] : 0));
      if (ascending) offset += sizes[t];
    }
  }
};

template <uint32_t inputs, uint32_t outputs, uint32_t weight>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != inputs || node.n_outputs != outputs || node.n_ints < 2 ||
      node.n_doubles != 0) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.inputs[weight]->dtype;
  bool known = is_floating(dtype) && node.outputs[0]->dtype == dtype;
  for (uint32_t i = 0; i < inputs; ++i) known = known && is_floating(node.inputs[i]->dtype);
  for (uint32_t i = 3; i < outputs; ++i) {
    known = known && node.outputs[i]->dtype == compute_dtype(dtype);
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

// Calls f(first, end) on ranges of the sequences; `work`: multiplications and additions of each.
template <class F>
void for_sequences(TsrStream* stream, int64_t sequences, int64_t unit, int64_t work, F f) {
  const int64_t units = (sequences + unit - 1) / unit;
  const int64_t threads = pool_of(stream).threads();
  const int64_t most = std::min(units, threads == 1 ? 1 : 2 * threads);
  const int64_t parts =
      std::clamp<int64_t>(sequences * work / kGrain, 1, std::max<int64_t>(1, most));
  const int64_t step = (units + parts - 1) / parts * unit;
  pool_of(stream).for_each(parts, [&](size_t part) {
    const int64_t first = static_cast<int64_t>(part) * step;
    if (first < sequences) f(first, std::min(sequences, first + step));
  });
}

// b of a product that every step runs, packed once.
template <class T>
const T* packed(Workspace& work, const Gemm<T>& gemm) {
  const GemmKernels<T>& kernels = gemm_kernels(T());
  const int64_t strips = (gemm.n + kernels.columns - 1) / kernels.columns;
  T* const to = work.array<T>(strips * kernels.columns * gemm.k);
  kernels.pack_strips(gemm, to);
  return to;
}

// gates (N, 4 n), weight (4 n, n), h0, c0 (B, n) -> output, h_n, c_n, activated, cells
template <class T>
void forward(TsrStream* stream, Workspace& work, TsrMessage* message, const TsrNode& node) {
  const Steps steps(node);
  const int64_t n = node.inputs[1]->shape[1], batch = node.inputs[2]->shape[0];
  const T* const gates = work.dense<T>(*node.inputs[0]);
  const T* const weight = work.dense<T>(*node.inputs[1]);
  const T* const h0 = work.dense<T>(*node.inputs[2]);
  const T* const c0 = work.dense<T>(*node.inputs[3]);
  T* const y = work.output<T>(*node.outputs[0]);
  T* const h = work.output<T>(*node.outputs[1]);
  T* const c = work.output<T>(*node.outputs[2]);
  // These two are of the dtype that is computed in.
  T* const activated = data_of<T>(*node.outputs[3]);
  T* const cells = data_of<T>(*node.outputs[4]);
  Workspace more(stream, message);
  const Gemm<T> gemm = {batch, 4 * n, n, h, n, 1, weight, 1, n, activated, 4 * n, nullptr, false};
  const T* const columns = packed(more, gemm);
  const int64_t unit = gemm_kernels(T()).rows;
  for_sequences(stream, batch, unit, steps.count * 4 * n * n, [&](int64_t first, int64_t end) {
    std::copy(h0 + first * n, h0 + end * n, h + first * n);
    std::copy(c0 + first * n, c0 + end * n, c + first * n);
    steps.for_each(/*backwards=*/false, [&](int64_t t, int64_t row, int64_t, int64_t) {
      const int64_t last = std::min(end, steps.sizes[t]);
      if (first >= last) return;
      Gemm<T> step = gemm;
      step.c = activated + row * 4 * n;
      gemm_kernels(T()).run_strips(step, first, last, columns);
      for (int64_t b = first; b < last; ++b) {
        lstm_rows(T()).forward(n, gates + (row + b) * 4 * n, activated + (row + b) * 4 * n,
                               c + b * n, h + b * n);
      }
      std::copy(h + first * n, h + last * n, y + (row + first) * n);
      std::copy(c + first * n, c + last * n, cells + (row + first) * n);
    });
  });
}

// gy (N, n), gh, gc (B, n), weight, activated, cells, c0 -> gradients of gates, h0, c0
template <class T>
void backward(TsrStream* stream, Workspace& work, TsrMessage* message, const TsrNode& node) {
  const Steps steps(node);
  const int64_t n = node.inputs[0]->shape[1], batch = node.inputs[1]->shape[0];
  const T* const gy = work.dense<T>(*node.inputs[0]);
  const T* const gh = work.dense<T>(*node.inputs[1]);
  const T* const gc = work.dense<T>(*node.inputs[2]);
  const T* const weight = work.dense<T>(*node.inputs[3]);
  const T* const activated = work.dense<T>(*node.inputs[4]);
  const T* const cells = work.dense<T>(*node.inputs[5]);
  const T* const c0 = work.dense<T>(*node.inputs[6]);
  T* const dgates = work.output<T>(*node.outputs[0]);
  T* const dh = work.output<T>(*node.outputs[1]);
  T* const dc = work.output<T>(*node.outputs[2]);
  Workspace more(stream, message);
  const Gemm<T> gemm = {batch, n, 4 * n, dgates, 4 * n, 1, weight, n, 1, dh, n, nullptr, false};
  const T* const columns = packed(more, gemm);
  const int64_t unit = gemm_kernels(T()).rows;
  for_sequences(stream, batch, unit, steps.count * 4 * n * n, [&](int64_t first, int64_t end) {
    std::copy(gh + first * n, gh + end * n, dh + first * n);
    std::copy(gc + first * n, gc + end * n, dc + first * n);
    steps.for_each(
        /*backwards=*/true, [&](int64_t t, int64_t row, int64_t before, int64_t before_row) {
          const int64_t last = std::min(end, steps.sizes[t]);
          if (first >= last) return;
          const int64_t continued = before < 0 ? 0 : steps.sizes[before];
          for (int64_t b = first; b < last; ++b) {
            const T* const c_before = b < continued ? cells + (before_row + b) * n : c0 + b * n;
            lstm_rows(T()).backward(n, activated + (row + b) * 4 * n, cells + (row + b) * n,
                                    c_before, gy + (row + b) * n, dh + b * n, dc + b * n,
                                    dgates + (row + b) * 4 * n);
          }
          Gemm<T> step = gemm;
          step.a = dgates + row * 4 * n;
          gemm_kernels(T()).run_strips(step, first, last, columns);
        });
  });
}

template <bool gradient>
TsrStatus run(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  const auto compute = [&]<class T>(T) {
    if constexpr (gradient) {
      backward<T>(stream, work, message, node);
    } else {
      forward<T>(stream, work, message, node);
    }
  };
  node.outputs[0]->dtype == TSR_FLOAT64 ? compute(double()) : compute(float());
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"lstm", make_kernel<check<4, 5, 1>, run<false>>()},
    {"lstm_backward", make_kernel<check<7, 3, 3>, run<true>>()},
};

}  // namespace

std::span<const KernelEntry> lstm_kernels() { return kEntries; }

}  // namespace tessera::cpu
