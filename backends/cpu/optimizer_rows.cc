// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/optimizer_rows.h"

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/optimizer_rows.cc"
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
struct Sgd {
  const SgdStep& s;
  const T *p, *g, *m;
  T *p_out, *m_out;
  Vec<T> sign{s.maximize ? -1 : 1};
  Vec<T> lr{s.lr}, momentum{s.momentum}, fresh{1 - s.dampening}, weight_decay{s.weight_decay};

  template <class Access>
  HWY_INLINE void operator()(int64_t i, Access access) const {
    const Vec<T> weight = access.load(p + i);
    Vec<T> step = mul_add(weight_decay, weight, sign * access.load(g + i));
    if (s.has_momentum) {
      const Vec<T> mean = s.first ? step : mul_add(momentum, access.load(m + i), fresh * step);
      access.store(mean, m_out + i);
      step = s.nesterov ? mul_add(momentum, mean, step) : mean;
    }
    access.store(weight - lr * step, p_out + i);
  }
};

template <class T>
void sgd(const SgdStep& step, int64_t n, const T* p, const T* g, const T* m, T* p_out, T* m_out) {
  for_vectors<T>(n, Sgd<T>{step, p, g, m, p_out, m_out});
}

template <class T, bool amsgrad>
struct Adam {
  const AdamStep& s;
  const T *p, *g, *m, *v, *vmax;
  T *p_out, *m_out, *v_out, *vmax_out;
  Vec<T> sign{s.maximize ? -1 : 1};
  Vec<T> beta1{s.beta1}, rest1{1 - s.beta1}, beta2{s.beta2}, rest2{1 - s.beta2}, eps{s.eps};
  Vec<T> decay{s.decoupled ? 1 - s.lr * s.weight_decay : 1.0};
  Vec<T> penalty{s.decoupled ? 0.0 : s.weight_decay};
  Vec<T> rate{s.lr / s.correction1}, scale{1 / s.correction2};

  template <class Access>
  HWY_INLINE void operator()(int64_t i, Access access) const {
    const Vec<T> weight = access.load(p + i);
    const Vec<T> gradient = mul_add(penalty, weight, sign * access.load(g + i));
    const Vec<T> mean = mul_add(beta1, access.load(m + i), rest1 * gradient);
    const Vec<T> square = mul_add(beta2, access.load(v + i), rest2 * gradient * gradient);
    access.store(mean, m_out + i);
    access.store(square, v_out + i);
    Vec<T> second = square;
    if (amsgrad) {
      const Vec<T> old = access.load(vmax + i);
      second = select(old > square, old, square);
      access.store(second, vmax_out + i);
    }
    const Vec<T> step = rate * mean / (sqrt(second * scale) + eps);
    access.store(decay * weight - step, p_out + i);
  }
};

template <class T>
void adam(const AdamStep& step, int64_t n, const T* p, const T* g, const T* const* state, T* p_out,
          T* const* state_out) {
  if (step.amsgrad) {
    for_vectors<T>(n, Adam<T, true>{step, p, g, state[0], state[1], state[2], p_out, state_out[0],
                                    state_out[1], state_out[2]});
  } else {
    for_vectors<T>(n, Adam<T, false>{step, p, g, state[0], state[1], nullptr, p_out, state_out[0],
                                     state_out[1], nullptr});
  }
}

template <class T>
const OptimizerRows<T>* rows() {
  static const OptimizerRows<T> all = {sgd<T>, adam<T>};
  return &all;
}

const OptimizerRows<float>* float_rows() { return rows<float>(); }
const OptimizerRows<double>* double_rows() { return rows<double>(); }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(float_rows);
HWY_EXPORT(double_rows);
const OptimizerRows<float>& optimizer_rows(float) { return *HWY_DYNAMIC_DISPATCH(float_rows)(); }
const OptimizerRows<double>& optimizer_rows(double) { return *HWY_DYNAMIC_DISPATCH(double_rows)(); }
}  // namespace tessera::cpu
#endif  // HWY_ONCE
