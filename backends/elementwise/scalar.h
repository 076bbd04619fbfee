// SPDX-License-Identifier: Apache-2.0
//
// One number as a value of ops.inc: Real<float>, Real<double>, Integer<int32_t> ...
//
//   double y = Silu::apply(Real<double>(x)).value;
//
// They cost what the number itself costs, work on the host and in CUDA kernels, and compilers
// vectorise loops over them as over plain numbers.
#ifndef TESSERA_BACKENDS_ELEMENTWISE_SCALAR_H_
#define TESSERA_BACKENDS_ELEMENTWISE_SCALAR_H_

#include <cmath>
#include <limits>
#include <type_traits>

#if defined(__CUDACC__)
#define TESSERA_SCALAR_FN __host__ __device__ __forceinline__
#else
#define TESSERA_SCALAR_FN inline __attribute__((always_inline))
#endif

namespace tessera::elementwise {

// T is float or double. The mask is bool.
template <class T>
struct Real {
  T value;

  Real() = default;
  template <class C, class = std::enable_if_t<std::is_arithmetic_v<C>>>
  TESSERA_SCALAR_FN explicit constexpr Real(C c) : value(static_cast<T>(c)) {}

  friend TESSERA_SCALAR_FN Real operator+(Real a, Real b) { return Real(a.value + b.value); }
  friend TESSERA_SCALAR_FN Real operator-(Real a, Real b) { return Real(a.value - b.value); }
  friend TESSERA_SCALAR_FN Real operator*(Real a, Real b) { return Real(a.value * b.value); }
  friend TESSERA_SCALAR_FN Real operator/(Real a, Real b) { return Real(a.value / b.value); }
  friend TESSERA_SCALAR_FN Real operator-(Real a) { return Real(-a.value); }
  friend TESSERA_SCALAR_FN bool operator==(Real a, Real b) { return a.value == b.value; }
  friend TESSERA_SCALAR_FN bool operator!=(Real a, Real b) { return a.value != b.value; }
  friend TESSERA_SCALAR_FN bool operator<(Real a, Real b) { return a.value < b.value; }
  friend TESSERA_SCALAR_FN bool operator<=(Real a, Real b) { return a.value <= b.value; }
  friend TESSERA_SCALAR_FN bool operator>(Real a, Real b) { return a.value > b.value; }
  friend TESSERA_SCALAR_FN bool operator>=(Real a, Real b) { return a.value >= b.value; }
  friend TESSERA_SCALAR_FN Real select(bool m, Real a, Real b) { return m ? a : b; }

#define TESSERA_REAL_UNARY(name) \
  friend TESSERA_SCALAR_FN Real name(Real a) { return Real(std::name(a.value)); }
  TESSERA_REAL_UNARY(exp)
  TESSERA_REAL_UNARY(exp2)
  TESSERA_REAL_UNARY(expm1)
  TESSERA_REAL_UNARY(log)
  TESSERA_REAL_UNARY(log2)
  TESSERA_REAL_UNARY(log10)
  TESSERA_REAL_UNARY(log1p)
  TESSERA_REAL_UNARY(sqrt)
  TESSERA_REAL_UNARY(sin)
  TESSERA_REAL_UNARY(cos)
  TESSERA_REAL_UNARY(tan)
  TESSERA_REAL_UNARY(asin)
  TESSERA_REAL_UNARY(acos)
  TESSERA_REAL_UNARY(atan)
  TESSERA_REAL_UNARY(sinh)
  TESSERA_REAL_UNARY(cosh)
  TESSERA_REAL_UNARY(tanh)
  TESSERA_REAL_UNARY(erf)
  TESSERA_REAL_UNARY(floor)
  TESSERA_REAL_UNARY(ceil)
  TESSERA_REAL_UNARY(trunc)
  TESSERA_REAL_UNARY(rint)
#undef TESSERA_REAL_UNARY
  friend TESSERA_SCALAR_FN Real abs(Real a) { return Real(std::fabs(a.value)); }

#define TESSERA_REAL_BINARY(name) \
  friend TESSERA_SCALAR_FN Real name(Real a, Real b) { return Real(std::name(a.value, b.value)); }
  TESSERA_REAL_BINARY(pow)
  TESSERA_REAL_BINARY(fmod)
  TESSERA_REAL_BINARY(atan2)
#undef TESSERA_REAL_BINARY
};

// T is an integer type. Arithmetic wraps: it is done on unsigned integers.
template <class T>
struct Integer {
  using Unsigned = std::conditional_t<(sizeof(T) < 4), unsigned, std::make_unsigned_t<T>>;
  T value;

  Integer() = default;
  template <class C, class = std::enable_if_t<std::is_arithmetic_v<C>>>
  TESSERA_SCALAR_FN explicit constexpr Integer(C c) : value(static_cast<T>(c)) {}
  TESSERA_SCALAR_FN constexpr Unsigned bits() const { return static_cast<Unsigned>(value); }

  friend TESSERA_SCALAR_FN Integer operator+(Integer a, Integer b) {
    return Integer(a.bits() + b.bits());
  }
  friend TESSERA_SCALAR_FN Integer operator-(Integer a, Integer b) {
    return Integer(a.bits() - b.bits());
  }
  friend TESSERA_SCALAR_FN Integer operator*(Integer a, Integer b) {
    return Integer(a.bits() * b.bits());
  }
  friend TESSERA_SCALAR_FN Integer operator-(Integer a) { return Integer(Unsigned(0) - a.bits()); }
  friend TESSERA_SCALAR_FN Integer operator/(Integer a, Integer b) {
    if (b.value == T(0)) return Integer(0);
    if (std::is_signed_v<T> && b.value == T(-1)) return -a;
    return Integer(a.value / b.value);
  }
  friend TESSERA_SCALAR_FN Integer fmod(Integer a, Integer b) {
    if (b.value == T(0) || (std::is_signed_v<T> && b.value == T(-1))) return Integer(0);
    return Integer(a.value % b.value);
  }
  friend TESSERA_SCALAR_FN Integer operator~(Integer a) { return Integer(~a.bits()); }
  friend TESSERA_SCALAR_FN Integer operator&(Integer a, Integer b) {
    return Integer(a.bits() & b.bits());
  }
  friend TESSERA_SCALAR_FN Integer operator|(Integer a, Integer b) {
    return Integer(a.bits() | b.bits());
  }
  friend TESSERA_SCALAR_FN Integer operator^(Integer a, Integer b) {
    return Integer(a.bits() ^ b.bits());
  }
  friend TESSERA_SCALAR_FN bool operator==(Integer a, Integer b) { return a.value == b.value; }
  friend TESSERA_SCALAR_FN bool operator!=(Integer a, Integer b) { return a.value != b.value; }
  friend TESSERA_SCALAR_FN bool operator<(Integer a, Integer b) { return a.value < b.value; }
  friend TESSERA_SCALAR_FN bool operator<=(Integer a, Integer b) { return a.value <= b.value; }
  friend TESSERA_SCALAR_FN bool operator>(Integer a, Integer b) { return a.value > b.value; }
  friend TESSERA_SCALAR_FN bool operator>=(Integer a, Integer b) { return a.value >= b.value; }
  friend TESSERA_SCALAR_FN Integer select(bool m, Integer a, Integer b) { return m ? a : b; }
  friend TESSERA_SCALAR_FN Integer abs(Integer a) { return a.value < T(0) ? -a : a; }

  friend TESSERA_SCALAR_FN Integer pow(Integer a, Integer b) {
    if (b.value < T(0)) {
      if (a.value == T(1)) return a;
      if (std::is_signed_v<T> && a.value == T(-1)) return (b.value & T(1)) != 0 ? a : Integer(1);
      return Integer(0);
    }
    Integer result(1);
    for (Unsigned exponent = b.bits(); exponent != 0; exponent >>= 1) {
      if ((exponent & 1) != 0) result = result * a;
      a = a * a;
    }
    return result;
  }
};

}  // namespace tessera::elementwise

#endif  // TESSERA_BACKENDS_ELEMENTWISE_SCALAR_H_
