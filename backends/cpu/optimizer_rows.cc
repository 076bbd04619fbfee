// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/optimizer_rows.h"

#include <cmath>

#include "tessera/backends/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/optimizer_rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "tessera/backends/cpu/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {
namespace {

#include "tessera/backends/elementwise/optimizer.inc"

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

// The rule at the vectors of n elements, for `states` tensors of state.
template <class T, class Rule, int states>
struct Step {
  Rule rule;
  const T* in[2 + states];
  T* out[1 + states];

  template <class Access>
  HWY_INLINE void operator()(int64_t i, Access access) const {
    Vec<T> p = access.load(in[0] + i), state[Rule::kMaxStates];
    const Vec<T> g = access.load(in[1] + i);
    for (int s = 0; s < states; ++s) state[s] = access.load(in[2 + s] + i);
    rule.apply(p, g, state);
    access.store(p, out[0] + i);
    for (int s = 0; s < states; ++s) access.store(state[s], out[1 + s] + i);
  }
};

template <class T, class Rule, int states>
void run_states(const Rule& rule, int64_t n, const T* const* in, T* const* out) {
  Step<T, Rule, states> step = {rule, {}, {}};
  for (int k = 0; k < 2 + states; ++k) step.in[k] = in[k];
  for (int k = 0; k < 1 + states; ++k) step.out[k] = out[k];
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(D<T>()));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) step(i, Whole<T>());
  if (i < n) step(i, Part<T>{hn::FirstN(D<T>(), static_cast<size_t>(n - i))});
}

template <class T, class Rule, int states = Rule::kMinStates>
void choose_states(const Rule& rule, int64_t n, const T* const* in, T* const* out) {
  if constexpr (states < Rule::kMaxStates) {
    if (rule.states() != states) return choose_states<T, Rule, states + 1>(rule, n, in, out);
  }
  run_states<T, Rule, states>(rule, n, in, out);
}

template <class T, class Rule>
void run(const int64_t* ints, const double* doubles, int64_t n, const T* const* in, T* const* out) {
  choose_states<T>(rule_of<Rule>(ints, doubles), n, in, out);
}

template <class T>
OptimizerRows<T> rows(OptimizerRule rule) {
#define TESSERA_ROWS(Rule, name) run<T, Rule>,
  static constexpr OptimizerRows<T> kRows[] = {TESSERA_OPTIMIZER_STEPS(TESSERA_ROWS)};
#undef TESSERA_ROWS
  return kRows[static_cast<int>(rule)];
}

OptimizerRows<float> float_rows(OptimizerRule rule) { return rows<float>(rule); }
OptimizerRows<double> double_rows(OptimizerRule rule) { return rows<double>(rule); }

}  // namespace
}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::cpu {
HWY_EXPORT(float_rows);
HWY_EXPORT(double_rows);
OptimizerRows<float> optimizer_rows(OptimizerRule rule, float) {
  return HWY_DYNAMIC_DISPATCH(float_rows)(rule);
}
OptimizerRows<double> optimizer_rows(OptimizerRule rule, double) {
  return HWY_DYNAMIC_DISPATCH(double_rows)(rule);
}
}  // namespace tessera::cpu
#endif  // HWY_ONCE
