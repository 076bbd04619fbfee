// SPDX-License-Identifier: Apache-2.0
//
// Channels are shared out to threads, each whole, so that sums do not depend on their number. A
// channel is lines of (N, C, inner), or a column where inner is 1.
#include "tessera/backends/cpu/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "tessera/backends/cpu/norm_rows.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;  // elements that are worth a thread
constexpr size_t kColumns = 64;       // columns that a thread takes at least

// x, [weight], [bias] -> y, mean, var; ints: has_weight, has_bias
// g, x, [weight], mean, var -> gx, [gweight, gbias]; ints: has_weight, affine
template <bool gradient>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints != 2 || node.n_doubles != 1) {
    return unsupported(node, "number of attributes", message);
  }
  const bool has_weight = node.ints[0] != 0, second = node.ints[1] != 0;
  const uint32_t operands = gradient ? 2u + has_weight : 1u + has_weight + second;
  const uint32_t outputs = gradient && !second ? 1 : 3;
  if (node.n_inputs != operands + (gradient ? 2 : 0) || node.n_outputs != outputs) {
    return unsupported(node, "number of operands", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool known = is_floating(dtype) && node.outputs[0]->rank >= 2;
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    known = known &&
            (i < operands ? node.inputs[i]->dtype == dtype : is_floating(node.inputs[i]->dtype));
  }
  for (uint32_t i = 1; i < outputs; ++i) {
    known = known && node.outputs[i]->dtype == (gradient ? dtype : compute_dtype(dtype));
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

// x as (samples, channels, inner).
struct Sizes {
  int64_t samples, channels, inner = 1;
  double per_channel;

  explicit Sizes(const TsrTensor& x) : samples(x.shape[0]), channels(x.shape[1]) {
    for (uint32_t k = 2; k < x.rank; ++k) inner *= x.shape[k];
    per_channel = static_cast<double>(samples) * static_cast<double>(inner);
  }
  int64_t line(int64_t sample, int64_t channel) const {
    return (sample * channels + channel) * inner;
  }
  size_t grain() const { return static_cast<size_t>(kGrain / (samples * inner + 1) + 1); }
};

// Calls f(channel, end) on ranges of whole channels.
template <class F>
void for_channels(TsrStream* stream, const Sizes& s, F f) {
  if (s.inner == 1) {
    pool_of(stream).ranges(s.channels, std::max(s.grain(), kColumns), f, kColumns);
  } else {
    pool_of(stream).ranges(s.channels, s.grain(), f, 1);
  }
}

template <class T>
void forward(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const Sizes s(*node.outputs[0]);
  const bool has_weight = node.ints[0] != 0, has_bias = node.ints[1] != 0;
  const NormRows<T>& kernels = norm_rows(T());
  const T* const x = work.dense<T>(*node.inputs[0]);
  const T* const weight = has_weight ? work.dense<T>(*node.inputs[1]) : nullptr;
  const T* const bias = has_bias ? work.dense<T>(*node.inputs[1 + has_weight]) : nullptr;
  T* const y = work.output<T>(*node.outputs[0]);
  T* const means = work.output<T>(*node.outputs[1]);
  T* const vars = work.output<T>(*node.outputs[2]);
  T* const scales = work.array<T>(s.channels);
  T* const shifts = work.array<T>(s.channels);
  const T n = static_cast<T>(s.per_channel), eps = static_cast<T>(node.doubles[0]);
  const auto finish = [&](int64_t c) {
    scales[c] = (has_weight ? weight[c] : T(1)) / std::sqrt(vars[c] + eps);
    shifts[c] = has_bias ? bias[c] : T(0);
  };
  for_channels(stream, s, [&](size_t begin, size_t end) {
    const int64_t width = static_cast<int64_t>(end - begin);
    if (s.inner == 1) {
      kernels.column_sums(x + begin, s.samples, s.channels, width, means + begin);
      for (size_t c = begin; c < end; ++c) means[c] /= n;
      kernels.column_deviations(x + begin, s.samples, s.channels, width, means + begin,
                                shifts + begin, scales + begin);
      for (size_t c = begin; c < end; ++c) {
        correct_moments(shifts[c], scales[c], n, &means[c], &vars[c]);
        finish(c);
      }
      kernels.column_affine(x + begin, s.samples, s.channels, width, means + begin, scales + begin,
                            shifts + begin, y + begin);
      return;
    }
    for (size_t c = begin; c < end; ++c) {
      double sum = 0, rest = 0, squares = 0;
      for (int64_t i = 0; i < s.samples; ++i) {
        sum += static_cast<double>(kernels.sum(x + s.line(i, c), s.inner));
      }
      means[c] = static_cast<T>(sum / s.per_channel);
      for (int64_t i = 0; i < s.samples; ++i) {
        T line_rest, line_squares;
        kernels.deviations(x + s.line(i, c), s.inner, means[c], &line_rest, &line_squares);
        rest += static_cast<double>(line_rest);
        squares += static_cast<double>(line_squares);
      }
      correct_moments(static_cast<T>(rest), static_cast<T>(squares), n, &means[c], &vars[c]);
      finish(c);
      for (int64_t i = 0; i < s.samples; ++i) {
        const int64_t at = s.line(i, c);
        kernels.affine(x + at, s.inner, means[c], scales[c], shifts[c], y + at);
      }
    }
  });
}

template <class T>
void backward(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const Sizes s(*node.outputs[0]);
  const bool has_weight = node.ints[0] != 0, affine = node.ints[1] != 0;
  const NormRows<T>& kernels = norm_rows(T());
  const T* const g = work.dense<T>(*node.inputs[0]);
  const T* const x = work.dense<T>(*node.inputs[1]);
  const T* const weight = has_weight ? work.dense<T>(*node.inputs[2]) : nullptr;
  const T* const means = work.dense<T>(*node.inputs[2 + has_weight]);
  const T* const vars = work.dense<T>(*node.inputs[3 + has_weight]);
  T* const gx = work.output<T>(*node.outputs[0]);
  T* const gweight = affine ? work.output<T>(*node.outputs[1]) : work.array<T>(s.channels);
  T* const gbias = affine ? work.output<T>(*node.outputs[2]) : work.array<T>(s.channels);
  T* const scales = work.array<T>(s.channels);
  T* const shifts = work.array<T>(s.channels);
  T* const slopes = work.array<T>(s.channels);
  const T n = static_cast<T>(s.per_channel), eps = static_cast<T>(node.doubles[0]);
  // From the sums of g and g (x - mean) to the parameters of gx, and to gbias and gweight.
  const auto finish = [&](int64_t c, T sum_g, T sum_gx) {
    const T rstd = s.per_channel > 0 ? 1 / std::sqrt(vars[c] + eps) : T(0);
    gbias[c] = sum_g;
    gweight[c] = sum_gx * rstd;
    scales[c] = has_weight ? weight[c] * rstd : rstd;
    shifts[c] = sum_g / n;
    slopes[c] = sum_gx * rstd * rstd / n;
  };
  for_channels(stream, s, [&](size_t begin, size_t end) {
    if (s.inner == 1) {
      const int64_t width = static_cast<int64_t>(end - begin);
      kernels.column_products(g + begin, x + begin, s.samples, s.channels, width, means + begin,
                              gbias + begin, gweight + begin);
      for (size_t c = begin; c < end; ++c) finish(c, gbias[c], gweight[c]);
      kernels.column_gradient(g + begin, x + begin, s.samples, s.channels, width, means + begin,
                              scales + begin, shifts + begin, slopes + begin, gx + begin);
      return;
    }
    for (size_t c = begin; c < end; ++c) {
      double sum_g = 0, sum_gx = 0;
      for (int64_t i = 0; i < s.samples; ++i) {
        const int64_t at = s.line(i, c);
        T line_g, line_gx;
        kernels.products(g + at, x + at, s.inner, means[c], nullptr, &line_g, &line_gx);
        sum_g += static_cast<double>(line_g);
        sum_gx += static_cast<double>(line_gx);
      }
      finish(c, static_cast<T>(sum_g), static_cast<T>(sum_gx));
      for (int64_t i = 0; i < s.samples; ++i) {
        const int64_t at = s.line(i, c);
        kernels.gradient(g + at, x + at, s.inner, means[c], nullptr, scales[c], shifts[c],
                         slopes[c], gx + at);
      }
    }
  });
}

template <bool gradient>
TsrStatus run(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  const auto compute = [&]<class T>(T) {
    if constexpr (gradient) {
      backward<T>(stream, work, node);
    } else {
      forward<T>(stream, work, node);
    }
  };
  node.outputs[0]->dtype == TSR_FLOAT64 ? compute(double()) : compute(float());
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"batch_norm", make_kernel<check<false>, run<false>>()},
    {"batch_norm_backward", make_kernel<check<true>, run<true>>()},
};

}  // namespace

std::span<const KernelEntry> batch_norm_kernels() { return kEntries; }

}  // namespace tessera::cpu
