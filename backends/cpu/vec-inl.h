// SPDX-License-Identifier: Apache-2.0
//
// SIMD vectors as values of backends/elementwise/ops.inc: Vec<float> and Vec<double>, with the
// functions of vocabulary.h. Included once per instruction set, after hwy/highway.h, where a
// file's HWY_BEFORE_NAMESPACE() is in force.
//
// Highway's contrib/math does the work where it is accurate over the whole range or can be made so
// here; the rest calls the C library for every lane.
#if defined(TESSERA_BACKENDS_CPU_VEC_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TESSERA_BACKENDS_CPU_VEC_INL_H_
#undef TESSERA_BACKENDS_CPU_VEC_INL_H_
#else
#define TESSERA_BACKENDS_CPU_VEC_INL_H_
#endif

#include <cmath>
#include <limits>

#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tessera::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
struct Mask {
  using D = hn::ScalableTag<T>;
  decltype(hn::Eq(hn::Zero(D()), hn::Zero(D()))) m;

  friend HWY_INLINE Mask operator!(Mask a) { return {hn::Not(a.m)}; }
  friend HWY_INLINE Mask operator&(Mask a, Mask b) { return {hn::And(a.m, b.m)}; }
  friend HWY_INLINE Mask operator|(Mask a, Mask b) { return {hn::Or(a.m, b.m)}; }
  friend HWY_INLINE Mask operator^(Mask a, Mask b) { return {hn::Xor(a.m, b.m)}; }
};

template <class T>
struct Vec {
  using D = hn::ScalableTag<T>;
  hn::VFromD<D> v;

  Vec() = default;
  HWY_INLINE explicit Vec(hn::VFromD<D> vector) : v(vector) {}
  HWY_INLINE explicit Vec(int c) : v(hn::Set(D(), static_cast<T>(c))) {}
  HWY_INLINE explicit Vec(double c) : v(hn::Set(D(), static_cast<T>(c))) {}

  friend HWY_INLINE Vec operator+(Vec a, Vec b) { return Vec(hn::Add(a.v, b.v)); }
  friend HWY_INLINE Vec operator-(Vec a, Vec b) { return Vec(hn::Sub(a.v, b.v)); }
  friend HWY_INLINE Vec operator*(Vec a, Vec b) { return Vec(hn::Mul(a.v, b.v)); }
  friend HWY_INLINE Vec operator/(Vec a, Vec b) { return Vec(hn::Div(a.v, b.v)); }
  friend HWY_INLINE Vec operator-(Vec a) { return Vec(hn::Neg(a.v)); }
  friend HWY_INLINE Mask<T> operator==(Vec a, Vec b) { return {hn::Eq(a.v, b.v)}; }
  // Highway's Ne is false with a nan in either.
  friend HWY_INLINE Mask<T> operator!=(Vec a, Vec b) { return {hn::Not(hn::Eq(a.v, b.v))}; }
  friend HWY_INLINE Mask<T> operator<(Vec a, Vec b) { return {hn::Lt(a.v, b.v)}; }
  friend HWY_INLINE Mask<T> operator<=(Vec a, Vec b) { return {hn::Le(a.v, b.v)}; }
  friend HWY_INLINE Mask<T> operator>(Vec a, Vec b) { return {hn::Gt(a.v, b.v)}; }
  friend HWY_INLINE Mask<T> operator>=(Vec a, Vec b) { return {hn::Ge(a.v, b.v)}; }
  friend HWY_INLINE Vec select(Mask<T> m, Vec a, Vec b) {
    return Vec(hn::IfThenElse(m.m, a.v, b.v));
  }
};

// a * b + c
template <class T>
HWY_INLINE Vec<T> mul_add(Vec<T> a, Vec<T> b, Vec<T> c) {
  return Vec<T>(hn::MulAdd(a.v, b.v, c.v));
}

// f of every lane.
template <class T>
HWY_NOINLINE Vec<T> each_lane(Vec<T> x, T (*f)(T)) {
  using D = hn::ScalableTag<T>;
  HWY_ALIGN T lanes[hn::MaxLanes(D())];
  hn::Store(x.v, D(), lanes);
  for (size_t i = 0; i < hn::Lanes(D()); ++i) lanes[i] = f(lanes[i]);
  return Vec<T>(hn::Load(D(), lanes));
}

template <class T>
HWY_NOINLINE Vec<T> each_lane(Vec<T> x, Vec<T> y, T (*f)(T, T)) {
  using D = hn::ScalableTag<T>;
  HWY_ALIGN T a[hn::MaxLanes(D())];
  HWY_ALIGN T b[hn::MaxLanes(D())];
  hn::Store(x.v, D(), a);
  hn::Store(y.v, D(), b);
  for (size_t i = 0; i < hn::Lanes(D()); ++i) a[i] = f(a[i], b[i]);
  return Vec<T>(hn::Load(D(), a));
}

template <class T>
HWY_INLINE Vec<T> infinity() {
  return Vec<T>(static_cast<double>(std::numeric_limits<T>::infinity()));
}

template <class T>
HWY_INLINE Vec<T> nan() {
  return Vec<T>(static_cast<double>(std::numeric_limits<T>::quiet_NaN()));
}

template <class T>
HWY_INLINE Vec<T> abs(Vec<T> x) {
  return Vec<T>(hn::Abs(x.v));
}
template <class T>
HWY_INLINE Vec<T> sqrt(Vec<T> x) {
  return Vec<T>(hn::Sqrt(x.v));
}
template <class T>
HWY_INLINE Vec<T> floor(Vec<T> x) {
  return Vec<T>(hn::Floor(x.v));
}
template <class T>
HWY_INLINE Vec<T> ceil(Vec<T> x) {
  return Vec<T>(hn::Ceil(x.v));
}
template <class T>
HWY_INLINE Vec<T> trunc(Vec<T> x) {
  return Vec<T>(hn::Trunc(x.v));
}
template <class T>
HWY_INLINE Vec<T> rint(Vec<T> x) {
  return Vec<T>(hn::Round(x.v));
}

// Where exp and its kin overflow; above, the result is infinity.
template <class T>
inline constexpr double kExpOverflow = sizeof(T) == 4 ? 88.72283905206835 : 709.782712893384;

template <class T>
HWY_INLINE Vec<T> exp(Vec<T> x) {
  const Vec<T> limit(kExpOverflow<T>);
  // Highway's exponent arithmetic wraps far above the limit.
  const Vec<T> y(hn::Exp(hn::ScalableTag<T>(), hn::Min(x.v, limit.v)));
  return select(x != x, x, select(x > limit, infinity<T>(), y));
}

template <class T>
HWY_INLINE Vec<T> expm1(Vec<T> x) {
  return each_lane<T>(x, [](T v) { return std::expm1(v); });
}

template <class T>
HWY_INLINE Vec<T> log(Vec<T> x) {
  const Vec<T> y(hn::Log(hn::ScalableTag<T>(), x.v));
  const Vec<T> special = select(x == Vec<T>(0), -infinity<T>(), select(x > Vec<T>(0), x, nan<T>()));
  return select((x > Vec<T>(0)) & (x < infinity<T>()), y, special);
}

template <class T>
HWY_INLINE Vec<T> log1p(Vec<T> x) {
  const Vec<T> y(hn::Log1p(hn::ScalableTag<T>(), x.v));
  const Vec<T> special =
      select(x == Vec<T>(-1), -infinity<T>(), select(x > Vec<T>(-1), x, nan<T>()));
  return select((x > Vec<T>(-1)) & (x < infinity<T>()) & (x != Vec<T>(0)), y, special);
}

template <class T>
HWY_INLINE Vec<T> tanh(Vec<T> x) {
  // Beyond this the nearest value is 1.
  const Vec<T> limit(sizeof(T) == 4 ? 9.02 : 19.07);
  const Vec<T> magnitude(hn::Min(hn::Abs(x.v), limit.v));
  const Vec<T> y(hn::CopySign(hn::Tanh(hn::ScalableTag<T>(), magnitude.v), x.v));
  return select(x != x, x, y);
}

// Highway's range reduction holds up to this magnitude.
template <class T>
HWY_INLINE Vec<T> sin(Vec<T> x) {
  const Vec<T> y(hn::Sin(hn::ScalableTag<T>(), x.v));
  const Mask<T> small = abs(x) < Vec<T>(30000);
  if (hn::AllTrue(hn::ScalableTag<T>(), small.m)) return select(x == Vec<T>(0), x, y);
  return select(small, select(x == Vec<T>(0), x, y),
                each_lane<T>(x, [](T v) { return std::sin(v); }));
}

template <class T>
HWY_INLINE Vec<T> cos(Vec<T> x) {
  const Vec<T> y(hn::Cos(hn::ScalableTag<T>(), x.v));
  const Mask<T> small = abs(x) < Vec<T>(30000);
  if (hn::AllTrue(hn::ScalableTag<T>(), small.m)) return y;
  return select(small, y, each_lane<T>(x, [](T v) { return std::cos(v); }));
}

// Below 0.93: x + x P(x^2). Above: 1 - exp(-x Q(x)). P and Q are minimax fits; tools of the trade,
// with an error below one unit of float32's last place.
HWY_INLINE Vec<float> erf(Vec<float> x) {
  using V = Vec<float>;
  const V t = abs(x);
  const V s = x * x;
  V p(-0.0005908106686547399);
  p = mul_add(p, s, V(0.004976868163794279));
  p = mul_add(p, s, V(-0.026755468919873238));
  p = mul_add(p, s, V(0.11281508952379227));
  p = mul_add(p, s, V(-0.37612465023994446));
  p = mul_add(p, s, V(0.12837915122509003));
  p = mul_add(p, x, x);
  const V u(hn::Min(t.v, V(4).v));
  V q(4.764249752042815e-06);
  q = mul_add(q, u, V(-4.345350316725671e-05));
  q = mul_add(q, u, V(-6.0475496866274625e-05));
  q = mul_add(q, u, V(0.0029603897128254175));
  q = mul_add(q, u, V(-0.022723335772752762));
  q = mul_add(q, u, V(0.10530964285135269));
  q = mul_add(q, u, V(0.6356009244918823));
  q = mul_add(q, u, V(1.1285570859909058));
  const V tail = V(1) - V(hn::Exp(hn::ScalableTag<float>(), (-(q * u)).v));
  const V far(hn::CopySign(tail.v, x.v));
  return select(x != x, x, select(t < V(0.93), p, far));
}
HWY_INLINE Vec<double> erf(Vec<double> x) {
  return each_lane<double>(x, [](double v) { return std::erf(v); });
}

#define TESSERA_CPU_BY_LANE(name)                                  \
  template <class T>                                               \
  HWY_INLINE Vec<T> name(Vec<T> x) {                               \
    return each_lane<T>(x, [](T v) -> T { return std::name(v); }); \
  }
TESSERA_CPU_BY_LANE(exp2)
TESSERA_CPU_BY_LANE(log2)
TESSERA_CPU_BY_LANE(log10)
TESSERA_CPU_BY_LANE(tan)
TESSERA_CPU_BY_LANE(asin)
TESSERA_CPU_BY_LANE(acos)
TESSERA_CPU_BY_LANE(atan)
TESSERA_CPU_BY_LANE(sinh)
TESSERA_CPU_BY_LANE(cosh)
#undef TESSERA_CPU_BY_LANE

#define TESSERA_CPU_BY_LANE(name)                                             \
  template <class T>                                                          \
  HWY_INLINE Vec<T> name(Vec<T> a, Vec<T> b) {                                \
    return each_lane<T>(a, b, [](T x, T y) -> T { return std::name(x, y); }); \
  }
TESSERA_CPU_BY_LANE(pow)
TESSERA_CPU_BY_LANE(fmod)
TESSERA_CPU_BY_LANE(atan2)
#undef TESSERA_CPU_BY_LANE

}  // namespace tessera::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TESSERA_BACKENDS_CPU_VEC_INL_H_
