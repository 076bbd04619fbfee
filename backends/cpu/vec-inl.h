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

// ---- Exponentials ------------------------------------------------------------------------------

// Where exp overflows; above, the result is infinity.
inline constexpr double kExpOverflow = 709.782712893384;

HWY_INLINE Vec<double> exp(Vec<double> x) {
  const Vec<double> limit(kExpOverflow);
  // Highway's exponent arithmetic wraps far above the limit.
  const Vec<double> y(hn::Exp(hn::ScalableTag<double>(), hn::Min(x.v, limit.v)));
  return select(x != x, x, select(x > limit, infinity<double>(), y));
}

// x, but no less than `low` and no more than `high`; nan stays nan.
HWY_INLINE Vec<float> clamp(Vec<float> x, double low, double high) {
  const Vec<float> y(hn::Min(Vec<float>(high).v, hn::Max(Vec<float>(low).v, x.v)));
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
  return y;  // these give their second operand where one is nan
#else
  return select(x != x, x, y);
#endif
}

// 2^n e^r for |r| up to log(2) / 2 and a whole n in [-152, 129]: 1 + r + r^2 P(r), P a minimax fit
// with an error of a twentieth of a unit in the last place. Rounds once where the result is
// subnormal with AVX-512, twice elsewhere.
HWY_INLINE Vec<float> exp_of_parts(Vec<float> n, Vec<float> r) {
  using V = Vec<float>;
  V p(0.001381453885045755);
  p = mul_add(p, r, V(0.008368745228036465));
  p = mul_add(p, r, V(0.04166839081128364));
  p = mul_add(p, r, V(0.16666520397760823));
  p = mul_add(p, r, V(0.4999999343199099));
  const V y = V(1) + mul_add(p * r, r, r);
#if HWY_TARGET == HWY_AVX3
  return V(decltype(y.v){_mm512_scalef_ps(y.v.raw, n.v.raw)});
#else
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto whole = hn::ConvertTo(di, n.v);
  const auto half = hn::ShiftRight<1>(whole);
  const auto bias = hn::Set(di, 127);
  const V low(hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias))));
  const V high(hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::Sub(whole, half), bias))));
  return y * low * high;
#endif
}

HWY_INLINE Vec<float> exp(Vec<float> x) {
  using V = Vec<float>;
  const V limited = clamp(x, -104.5, 89.0);
  const V n = rint(limited * V(1.4426950408889634));
  // log(2) in two parts, of which n times the first is exact.
  const V r = mul_add(n, V(-0.693359375), limited);
  return exp_of_parts(n, mul_add(n, V(2.12194440054690583e-4), r));
}

HWY_INLINE Vec<float> exp2(Vec<float> x) {
  const Vec<float> limited = clamp(x, -151.0, 129.0);
  const Vec<float> n = rint(limited);
  return exp_of_parts(n, (limited - n) * Vec<float>(0.6931471805599453));
}
HWY_INLINE Vec<double> exp2(Vec<double> x) {
  return each_lane<double>(x, [](double v) { return std::exp2(v); });
}

// Near 0 a fit of its own, x + x^2 Q(x); elsewhere little is lost in the difference.
HWY_INLINE Vec<float> expm1(Vec<float> x) {
  using V = Vec<float>;
  V q(0.00019847172587904825);
  q = mul_add(q, x, V(0.0013957711016884134));
  q = mul_add(q, x, V(0.008333433163073948));
  q = mul_add(q, x, V(0.04166612656892969));
  q = mul_add(q, x, V(0.16666665965792155));
  q = mul_add(q, x, V(0.5000000103194755));
  const V near = mul_add(q * x, x, x);
  const V y = select(abs(x) < V(0.4), near, exp(x) - V(1));
  return select(x == V(0), x, y);
}
HWY_INLINE Vec<double> expm1(Vec<double> x) {
  return each_lane<double>(x, [](double v) { return std::expm1(v); });
}

// ---- Logarithms --------------------------------------------------------------------------------

// y, a logarithm of x, where x is a positive number; what the logarithm is elsewhere.
template <class T>
HWY_INLINE Vec<T> or_special(Vec<T> x, Vec<T> y) {
  const Vec<T> special = select(x == Vec<T>(0), -infinity<T>(), select(x > Vec<T>(0), x, nan<T>()));
  return select((x > Vec<T>(0)) & (x < infinity<T>()), y, special);
}

template <class T>
HWY_INLINE Vec<T> log(Vec<T> x) {
  return or_special(x, Vec<T>(hn::Log(hn::ScalableTag<T>(), x.v)));
}
template <class T>
HWY_INLINE Vec<T> log2(Vec<T> x) {
  return or_special(x, Vec<T>(hn::Log2(hn::ScalableTag<T>(), x.v)));
}
template <class T>
HWY_INLINE Vec<T> log10(Vec<T> x) {
  return or_special(x, Vec<T>(hn::Log10(hn::ScalableTag<T>(), x.v)));
}

template <class T>
HWY_INLINE Vec<T> log1p(Vec<T> x) {
  const Vec<T> y(hn::Log1p(hn::ScalableTag<T>(), x.v));
  const Vec<T> special =
      select(x == Vec<T>(-1), -infinity<T>(), select(x > Vec<T>(-1), x, nan<T>()));
  return select((x > Vec<T>(-1)) & (x < infinity<T>()) & (x != Vec<T>(0)), y, special);
}

// expm1(2x) / (expm1(2x) + 2), of the magnitude.
HWY_INLINE Vec<float> tanh(Vec<float> x) {
  // Beyond this the nearest value is 1.
  const Vec<float> t = expm1(clamp(abs(x) + abs(x), 0.0, 18.1));
  return Vec<float>(hn::CopySign((t / (t + Vec<float>(2))).v, x.v));
}
HWY_INLINE Vec<double> tanh(Vec<double> x) {
  const Vec<double> magnitude(hn::Min(hn::Abs(x.v), Vec<double>(19.07).v));
  const Vec<double> y(hn::CopySign(hn::Tanh(hn::ScalableTag<double>(), magnitude.v), x.v));
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

// Below 0.93: x + x P(x^2). Above: 1 - exp(-x Q(x)). P and Q are minimax fits with an error below
// one unit in the last place.
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
  const V tail = V(1) - exp(-(q * u));
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
