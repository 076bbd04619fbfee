// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/lstm_rows.h"

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/lstm_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

template <class T>
using D = hn::ScalableTag<T>;

// A whole vector, or the first lanes of one.
template <class T>
struct Whole {
  HWY_INLINE Vec<T> load(const T* p) const { return Vec<T>(hn::LoadU(D<T>(), p)); }
  HWY_INLINE void store(Vec<T> v, T* p) const { hn::StoreU(v.v, D<T>(), p); }
};
template <class T>
struct Part {
  decltype(hn::FirstN(D<T>(), 1)) mask;
  HWY_INLINE Vec<T> load(const T* p) const { return Vec<T>(hn::MaskedLoad(mask, D<T>(), p)); }
  HWY_INLINE void store(Vec<T> v, T* p) const { hn::BlendedStore(v.v, mask, D<T>(), p); }
};

// Calls f(position, Whole or Part) for the vectors of n elements.
template <class T, class F>
HWY_INLINE void for_vectors(int64_t n, F f) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D<T>()));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, Whole<T>());
  if (i < n) f(i, Part<T>{hn::FirstN(D<T>(), static_cast<size_t>(n - i))});
}

template <class T>
HWY_INLINE Vec<T> sigmoid(Vec<T> x) {
  return Vec<T>(1) / (Vec<T>(1) + exp(-x));
}

template <class T>
void forward(int64_t n, const T* gates, T* activated, T* c, T* h) {
  for_vectors<T>(n, [&](int64_t k, auto access) HWY_ATTR {
    T *const pi = activated + k, *const pf = pi + n, *const pg = pf + n, *const po = pg + n;
    const auto gate = [&](int64_t place) HWY_ATTR {
      return access.load(gates + place * n + k) + access.load(activated + place * n + k);
    };
    const Vec<T> i = sigmoid(gate(0)), f = sigmoid(gate(1)), g = tanh(gate(2)),
                 o = sigmoid(gate(3));
    const Vec<T> next = mul_add(f, access.load(c + k), i * g);
    access.store(i, pi);
    access.store(f, pf);
    access.store(g, pg);
    access.store(o, po);
    access.store(next, c + k);
    access.store(o * tanh(next), h + k);
  });
}

template <class T>
void backward(int64_t n, const T* gates, const T* c, const T* c_before, const T* gy, const T* dh,
              T* dc, T* dgates) {
  const Vec<T> one(1);
  for_vectors<T>(n, [&](int64_t k, auto access) HWY_ATTR {
    const Vec<T> i = access.load(gates + k), f = access.load(gates + n + k);
    const Vec<T> g = access.load(gates + 2 * n + k), o = access.load(gates + 3 * n + k);
    const Vec<T> out = tanh(access.load(c + k)), h = access.load(dh + k) + access.load(gy + k);
    const Vec<T> step = mul_add(h * o, one - out * out, access.load(dc + k));
    access.store(step * g * i * (one - i), dgates + k);
    access.store(step * access.load(c_before + k) * f * (one - f), dgates + n + k);
    access.store(step * i * (one - g * g), dgates + 2 * n + k);
    access.store(h * out * o * (one - o), dgates + 3 * n + k);
    access.store(step * f, dc + k);
  });
}

template <class T>
const LstmRows<T>* rows() {
  static const LstmRows<T> all = {forward<T>, backward<T>};
  return &all;
}

const LstmRows<float>* float_rows() { return rows<float>(); }
const LstmRows<double>* double_rows() { return rows<double>(); }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(float_rows);
HWY_EXPORT(double_rows);
const LstmRows<float>& lstm_rows(float) { return *HWY_DYNAMIC_DISPATCH(float_rows)(); }
const LstmRows<double>& lstm_rows(double) { return *HWY_DYNAMIC_DISPATCH(double_rows)(); }
}  // namespace tessera::cpu
#endif  // HWY_ONCE
