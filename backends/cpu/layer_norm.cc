// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/layer_norm.h"

#include <algorithm>
#include <cmath>

#include "tessera/backends/cpu/norm_rows.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;  // elements that are worth a thread
constexpr int64_t kMinRows = 32;      // rows that share sums of their own for weight and bias
constexpr int64_t kMaxRows = 1024;

// Where a node's operands are. Weight, bias and means are there or not.
struct Form {
  bool centred, has_weight, has_bias;
  uint32_t inputs, outputs;
};

// x, [weight], [bias] -> y, [mean], rstd; ints: dims, has_weight, [has_bias]
template <bool centred>
Form forward_form(const TsrNode& node) {
  const bool weight = node.ints[1] != 0, bias = centred && node.ints[2] != 0;
  return {centred, weight, bias, 1u + weight + bias, 2u + centred};
}

// g, x, [weight], [mean], rstd -> gx, [gweight, [gbias]]; ints: dims, has_weight, affine
template <bool centred>
Form backward_form(const TsrNode& node) {
  const bool weight = node.ints[1] != 0, affine = node.ints[2] != 0;
  return {centred, weight, false, 3u + weight + centred, affine ? 2u + centred : 1u};
}

template <bool centred, bool gradient>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  const uint32_t ints = gradient || centred ? 3 : 2;
  if (node.n_ints != ints || node.n_doubles != (gradient ? 0 : 1)) {
    return unsupported(node, "number of attributes", message);
  }
  const Form form = gradient ? backward_form<centred>(node) : forward_form<centred>(node);
  if (node.n_inputs != form.inputs || node.n_outputs != form.outputs) {
    return unsupported(node, "number of operands", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  const uint32_t operands = 1u + gradient + form.has_weight + form.has_bias;
  bool known = is_floating(dtype) && node.ints[0] <= node.outputs[0]->rank;
  for (uint32_t i = 0; i < form.inputs; ++i) {
    known = known &&
            (i < operands ? node.inputs[i]->dtype == dtype : is_floating(node.inputs[i]->dtype));
  }
  for (uint32_t i = 1; i < form.outputs; ++i) {
    known = known && node.outputs[i]->dtype == (gradient ? dtype : compute_dtype(dtype));
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

struct Rows {
  int64_t count = 1, size = 1;

  Rows(const TsrTensor& x, int64_t dims) {
    for (uint32_t k = 0; k < x.rank; ++k) (k + dims < x.rank ? count : size) *= x.shape[k];
  }
  // Rows that are worth a thread.
  size_t grain() const { return static_cast<size_t>(kGrain / (size + 1) + 1); }
};

template <class T, bool centred>
void forward(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const Form form = forward_form<centred>(node);
  const Rows rows(*node.outputs[0], node.ints[0]);
  const NormRows<T>& kernels = norm_rows(T());
  const T* const x = work.dense<T>(*node.inputs[0]);
  const T* const weight = form.has_weight ? work.dense<T>(*node.inputs[1]) : nullptr;
  const T* const bias = form.has_bias ? work.dense<T>(*node.inputs[1 + form.has_weight]) : nullptr;
  T* const y = work.output<T>(*node.outputs[0]);
  T* const means = centred ? work.output<T>(*node.outputs[1]) : nullptr;
  T* const rstds = work.output<T>(*node.outputs[1 + centred]);
  const T n = static_cast<T>(rows.size), eps = static_cast<T>(node.doubles[0]);
  pool_of(stream).ranges(
      rows.count, rows.grain(),
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          const T* const row = x + i * rows.size;
          T mean = 0, var;
          if (centred) {
            mean = kernels.sum(row, rows.size) / n;
            T sum, squares;
            kernels.deviations(row, rows.size, mean, &sum, &squares);
            correct_moments(sum, squares, n, &mean, &var);
            means[i] = mean;
          } else {
            var = kernels.squares(row, rows.size) / n;
          }
          rstds[i] = 1 / std::sqrt(var + eps);
          kernels.normalize(row, rows.size, mean, rstds[i], weight, bias, y + i * rows.size);
        }
      },
      1);
}

template <class T, bool centred>
void backward(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const Form form = backward_form<centred>(node);
  const Rows rows(*node.outputs[0], node.ints[0]);
  const NormRows<T>& kernels = norm_rows(T());
  const T* const g = work.dense<T>(*node.inputs[0]);
  const T* const x = work.dense<T>(*node.inputs[1]);
  const T* const weight = form.has_weight ? work.dense<T>(*node.inputs[2]) : nullptr;
  const T* const means = centred ? work.dense<T>(*node.inputs[form.inputs - 2]) : nullptr;
  const T* const rstds = work.dense<T>(*node.inputs[form.inputs - 1]);
  T* const gx = work.output<T>(*node.outputs[0]);
  const bool affine = node.ints[2] != 0;
  T* const gweight = affine ? work.output<T>(*node.outputs[1]) : nullptr;
  T* const gbias = affine && centred ? work.output<T>(*node.outputs[2]) : nullptr;

  // Weight and bias get one sum from every chunk of rows; then these are added in order.
  const int64_t n = rows.size;
  const int64_t chunk = std::clamp<int64_t>(kGrain / (n + 1), kMinRows, kMaxRows);
  const int64_t chunks = (rows.count + chunk - 1) / chunk, sums = n * (1 + centred);
  T* const partial = affine ? work.array<T>(chunks * sums) : nullptr;
  pool_of(stream).ranges(
      chunks, 1,
      [&](size_t begin, size_t end) {
        for (size_t c = begin; c < end; ++c) {
          T* const chunk_weight = partial + c * sums;
          T* const chunk_bias = gbias != nullptr ? chunk_weight + n : nullptr;
          if (affine) std::fill_n(chunk_weight, sums, T(0));
          const int64_t last = std::min<int64_t>(rows.count, (c + 1) * chunk);
          for (int64_t i = c * chunk; i < last; ++i) {
            const T *const gi = g + i * n, *const xi = x + i * n;
            const T mean = centred ? means[i] : T(0), rstd = rstds[i];
            T sum_h, sum_hx;
            kernels.products(gi, xi, n, mean, weight, &sum_h, &sum_hx);
            const T shift = centred ? sum_h / static_cast<T>(n) : T(0);
            const T slope = sum_hx * rstd * rstd / static_cast<T>(n);
            kernels.gradient(gi, xi, n, mean, weight, rstd, shift, slope, gx + i * n);
            if (affine) kernels.accumulate(gi, xi, n, mean, rstd, chunk_weight, chunk_bias);
          }
        }
      },
      1);
  if (!affine) return;
  for (T* total : {gweight, gbias}) {
    if (total == nullptr) continue;
    std::fill_n(total, n, T(0));
    const T* part = total == gweight ? partial : partial + n;
    for (int64_t c = 0; c < chunks; ++c, part += sums) {
      for (int64_t k = 0; k < n; ++k) total[k] += part[k];
    }
  }
}

template <bool centred, bool gradient>
TsrStatus run(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  const auto compute = [&]<class T>(T) {
    if constexpr (gradient) {
      backward<T, centred>(stream, work, node);
    } else {
      forward<T, centred>(stream, work, node);
    }
  };
  node.outputs[0]->dtype == TSR_FLOAT64 ? compute(double()) : compute(float());
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"layer_norm", make_kernel<check<true, false>, run<true, false>>()},
    {"layer_norm_backward", make_kernel<check<true, true>, run<true, true>>()},
    {"rms_norm", make_kernel<check<false, false>, run<false, false>>()},
    {"rms_norm_backward", make_kernel<check<false, true>, run<false, true>>()},
};

}  // namespace

std::span<const KernelEntry> layer_norm_kernels() { return kEntries; }

}  // namespace tessera::cpu
