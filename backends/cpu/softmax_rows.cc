// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/softmax_rows.h"

#include <cmath>

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/softmax_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

template <class T>
using D = hn::ScalableTag<T>;

// Calls f(position, mask of the lanes in use) for the vectors of n elements.
template <class T, class F>
HWY_INLINE void for_vectors(int64_t n, F f) {
  const D<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  const auto all = hn::FirstN(d, static_cast<size_t>(lanes));
  for (; i + lanes <= n; i += lanes) f(i, all);
  if (i < n) f(i, hn::FirstN(d, static_cast<size_t>(n - i)));
}

template <class T>
using MaskOf = decltype(hn::FirstN(D<T>(), 1));

template <class T>
HWY_INLINE Vec<T> load(MaskOf<T> mask, const T* p) {
  return Vec<T>(hn::MaskedLoad(mask, D<T>(), p));
}

template <class T>
HWY_INLINE void store(Vec<T> v, MaskOf<T> mask, T* p) {
  hn::BlendedStore(v.v, mask, D<T>(), p);
}

template <class T>
HWY_INLINE Vec<T> only(MaskOf<T> mask, Vec<T> v) {
  return Vec<T>(hn::IfThenElseZero(mask, v.v));
}

template <class T>
HWY_INLINE T largest_of(const T* x, int64_t n) {
  Vec<T> best = -infinity<T>();
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> v(hn::IfThenElse(mask, load(mask, x + i).v, (-infinity<T>()).v));
    best = Vec<T>(hn::Max(best.v, v.v));
  });
  return hn::GetLane(hn::MaxOfLanes(D<T>(), best.v));
}

template <class T>
HWY_INLINE T sum_of_lanes(Vec<T> v) {
  return hn::GetLane(hn::SumOfLanes(D<T>(), v.v));
}

template <class T>
HWY_INLINE Vec<T> set(T value) {
  return Vec<T>(hn::Set(D<T>(), value));
}

template <class T>
void softmax(const T* x, int64_t n, bool log, T* y) {
  const Vec<T> largest = set(largest_of(x, n));
  Vec<T> sums(0);
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> e = only(mask, exp(load(mask, x + i) - largest));
    sums = sums + e;
    if (!log) store(e, mask, y + i);
  });
  const T sum = sum_of_lanes(sums);
  if (log) {
    const Vec<T> shift = set(static_cast<T>(std::log(sum)));
    for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask)
                          HWY_ATTR { store(load(mask, x + i) - largest - shift, mask, y + i); });
  } else {
    const Vec<T> scale = set(T(1) / sum);
    for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask)
                          HWY_ATTR { store(load(mask, y + i) * scale, mask, y + i); });
  }
}

template <class T>
void softmax_backward(const T* g, const T* y, int64_t n, bool log, T* gx) {
  Vec<T> sums(0);
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> v = load(mask, g + i);
    sums = sums + (log ? v : v * load(mask, y + i));
  });
  const Vec<T> sum = set(sum_of_lanes(sums));
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> v = load(mask, g + i);
    const Vec<T> p = load(mask, y + i);
    store(log ? v - exp(p) * sum : p * (v - sum), mask, gx + i);
  });
}

template <class T>
void softmax_columns(const T* x, int64_t n, int64_t stride, int64_t width, bool log, T* y) {
  for_vectors<T>(width, [&](int64_t j, MaskOf<T> mask) HWY_ATTR {
    Vec<T> largest = load(mask, x + j);
    for (int64_t k = 1; k < n; ++k) {
      largest = Vec<T>(hn::Max(largest.v, load(mask, x + k * stride + j).v));
    }
    Vec<T> sum(0);
    for (int64_t k = 0; k < n; ++k) {
      const Vec<T> e = exp(load(mask, x + k * stride + j) - largest);
      sum = sum + e;
      if (!log) store(e, mask, y + k * stride + j);
    }
    const Vec<T> last = log ? tessera::cpu::HWY_NAMESPACE::log(sum) : Vec<T>(1) / sum;
    for (int64_t k = 0; k < n; ++k) {
      const int64_t at = k * stride + j;
      store(log ? load(mask, x + at) - largest - last : load(mask, y + at) * last, mask, y + at);
    }
  });
}

template <class T>
void softmax_backward_columns(const T* g, const T* y, int64_t n, int64_t stride, int64_t width,
                              bool log, T* gx) {
  for_vectors<T>(width, [&](int64_t j, MaskOf<T> mask) HWY_ATTR {
    Vec<T> sum(0);
    for (int64_t k = 0; k < n; ++k) {
      const Vec<T> v = load(mask, g + k * stride + j);
      sum = sum + (log ? v : v * load(mask, y + k * stride + j));
    }
    for (int64_t k = 0; k < n; ++k) {
      const int64_t at = k * stride + j;
      const Vec<T> v = load(mask, g + at);
      const Vec<T> p = load(mask, y + at);
      store(log ? v - exp(p) * sum : p * (v - sum), mask, gx + at);
    }
  });
}

template <class T>
T logsumexp(const T* x, int64_t n) {
  const T largest = largest_of(x, n);
  const Vec<T> shift = set(largest);
  Vec<T> sums(0);
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask)
                        HWY_ATTR { sums = sums + only(mask, exp(load(mask, x + i) - shift)); });
  return largest + std::log(sum_of_lanes(sums));
}

template <class T>
void scaled_softmax(const T* x, int64_t n, T lse, T scale, T* gx) {
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    store(set(scale) * exp(load(mask, x + i) - set(lse)), mask, gx + i);
  });
}

template <class T>
T bce(const T* x, const T* y, int64_t n) {
  Vec<T> sums(0);
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> logit = load(mask, x + i);
    const Vec<T> positive = select(logit < Vec<T>(0), Vec<T>(0), logit);
    const Vec<T> loss = positive - logit * load(mask, y + i) + log1p(exp(-abs(logit)));
    sums = sums + only(mask, loss);
  });
  return sum_of_lanes(sums);
}

template <class T>
void bce_backward(const T* x, const T* y, int64_t n, T scale, T* gx) {
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> p = Vec<T>(1) / (Vec<T>(1) + exp(-load(mask, x + i)));
    store(set(scale) * (p - load(mask, y + i)), mask, gx + i);
  });
}

template <class T>
const SoftmaxRows<T>* rows() {
  static const SoftmaxRows<T> all = {softmax<T>,
                                     softmax_backward<T>,
                                     softmax_columns<T>,
                                     softmax_backward_columns<T>,
                                     logsumexp<T>,
                                     scaled_softmax<T>,
                                     bce<T>,
                                     bce_backward<T>};
  return &all;
}

const SoftmaxRows<float>* float_rows() { return rows<float>(); }
const SoftmaxRows<double>* double_rows() { return rows<double>(); }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(float_rows);
HWY_EXPORT(double_rows);
const SoftmaxRows<float>& softmax_rows(float) { return *HWY_DYNAMIC_DISPATCH(float_rows)(); }
const SoftmaxRows<double>& softmax_rows(double) { return *HWY_DYNAMIC_DISPATCH(double_rows)(); }
}  // namespace tessera::cpu
#endif  // HWY_ONCE
