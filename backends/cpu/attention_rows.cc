// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/attention_rows.h"

#include <algorithm>
#include <cmath>

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/attention_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

template <class T>
using D = hn::ScalableTag<T>;
template <class T>
using MaskOf = decltype(hn::FirstN(D<T>(), 1));

// Calls f(position, mask of the lanes in use) for the vectors of n elements.
template <class T, class F>
HWY_INLINE void for_vectors(int64_t n, F f) {
  const D<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto all = hn::FirstN(d, static_cast<size_t>(lanes));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, all);
  if (i < n) f(i, hn::FirstN(d, static_cast<size_t>(n - i)));
}

template <class T>
HWY_INLINE Vec<T> load(MaskOf<T> mask, const T* p) {
  return Vec<T>(hn::MaskedLoad(mask, D<T>(), p));
}
template <class T>
HWY_INLINE void store(Vec<T> v, MaskOf<T> mask, T* p) {
  hn::BlendedStore(v.v, mask, D<T>(), p);
}
template <class T>
HWY_INLINE Vec<T> set(T value) {
  return Vec<T>(hn::Set(D<T>(), value));
}

// scale s + bias
template <class T>
HWY_INLINE Vec<T> score(const ScoreRow<T>& row, const T* s, int64_t i, MaskOf<T> mask) {
  const Vec<T> t = load(mask, s + i) * set(row.scale);
  return row.bias == nullptr ? t : t + load(mask, row.bias + i);
}

template <class T>
T softmax_step(const ScoreRow<T>& row, T* s, OnlineSoftmax<T>* state) {
  const Vec<T> lowest = -infinity<T>();
  Vec<T> best = lowest;
  for_vectors<T>(row.n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> t = score(row, s, i, mask);
    store(t, mask, s + i);
    best = Vec<T>(hn::Max(hn::IfThenElse(mask, t.v, lowest.v), best.v));
  });
  const T largest = std::max(state->largest, hn::GetLane(hn::MaxOfLanes(D<T>(), best.v)));
  // Where all is -inf, nan still has to show.
  const T shift = largest == -std::numeric_limits<T>::infinity() ? T(0) : largest;
  const T factor = largest == state->largest ? T(1) : std::exp(state->largest - shift);
  Vec<T> sums(0);
  for_vectors<T>(row.n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> p = exp(load(mask, s + i) - set(shift));
    sums = sums + Vec<T>(hn::IfThenElseZero(mask, p.v));
    store(row.factors == nullptr ? p : p * load(mask, row.factors + i), mask, s + i);
  });
  std::fill(s + row.n, s + row.width, T(0));
  state->largest = largest;
  state->sum = state->sum * factor + hn::GetLane(hn::SumOfLanes(D<T>(), sums.v));
  return factor;
}

template <class T>
void gradient(const ScoreRow<T>& row, T lse, T mean, T* s, T* dp) {
  for_vectors<T>(row.n, [&](int64_t i, MaskOf<T> mask) HWY_ATTR {
    const Vec<T> p = exp(score(row, s, i, mask) - set(lse));
    const Vec<T> z = row.factors == nullptr ? set(T(1)) : load(mask, row.factors + i);
    store(p * z, mask, s + i);
    store(p * (load(mask, dp + i) * z - set(mean)) * set(row.scale), mask, dp + i);
  });
  std::fill(s + row.n, s + row.width, T(0));
  std::fill(dp + row.n, dp + row.width, T(0));
}

template <class T>
void scale(T* x, int64_t n, T factor) {
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask)
                        HWY_ATTR { store(load(mask, x + i) * set(factor), mask, x + i); });
}

template <class T>
T dot(const T* a, const T* b, int64_t n) {
  Vec<T> sums(0);
  for_vectors<T>(n, [&](int64_t i, MaskOf<T> mask)
                        HWY_ATTR { sums = mul_add(load(mask, a + i), load(mask, b + i), sums); });
  return hn::GetLane(hn::SumOfLanes(D<T>(), sums.v));
}

template <class T>
const AttentionRows<T>* rows() {
  static const AttentionRows<T> all = {softmax_step<T>, gradient<T>, scale<T>, dot<T>};
  return &all;
}

const AttentionRows<float>* float_rows() { return rows<float>(); }
const AttentionRows<double>* double_rows() { return rows<double>(); }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {

HWY_EXPORT(float_rows);
HWY_EXPORT(double_rows);

const AttentionRows<float>& attention_rows(float) { return *HWY_DYNAMIC_DISPATCH(float_rows)(); }
const AttentionRows<double>& attention_rows(double) { return *HWY_DYNAMIC_DISPATCH(double_rows)(); }

}  // namespace tessera::cpu
#endif  // HWY_ONCE
