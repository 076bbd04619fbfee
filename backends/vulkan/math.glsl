// SPDX-License-Identifier: Apache-2.0
//
// The functions of backends/elementwise/vocabulary.h for float, from + - * /, integers and bits:
// Vulkan lets a driver's own exp, sin, pow be too far off, and has none for doubles (math64.glsl).
// math_trig.glsl has sin to atan2.
//
// GLSL and C++ (glsl.h). math_test.cc compares with long doubles: the greatest error of a function
// stands there. nan is told by its bits, since a driver may take it that there is none; what has to
// be exact is `precise`; nothing counts on fma being one rounding, nor on / and sqrt being exact.
// Polynomials are by make_math_fits.py.
#ifndef TESSERA_VULKAN_MATH_GLSL_
#define TESSERA_VULKAN_MATH_GLSL_

bool is_nan(float x) { return (floatBitsToUint(x) & 0x7FFFFFFFu) > 0x7F800000u; }
bool is_finite(float x) { return (floatBitsToUint(x) & 0x7F800000u) != 0x7F800000u; }
bool is_zero(float x) { return (floatBitsToUint(x) & 0x7FFFFFFFu) == 0u; }
bool is_negative(float x) { return (floatBitsToUint(x) & 0x80000000u) != 0u; }
float infinity() { return uintBitsToFloat(0x7F800000u); }
float not_a_number() { return uintBitsToFloat(0x7FC00000u); }
float m_abs(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0x7FFFFFFFu); }
// Not by masks: llvmpipe of Mesa 26.1 miscompiles (magnitude & 0x7FFFFFFF) | (sign & 0x80000000).
float with_sign(float magnitude, float sign) {
  const float m = m_abs(magnitude);
  return is_negative(sign) ? -m : m;
}

// The leading 12 bits of x: products of two such are exact.
float leading(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0xFFFFF000u); }

// 2^k for k in [-126, 127].
float power_of_two(int k) { return intBitsToFloat((k + 127) << 23); }

// n - q b without rounding, barring overflow and underflow, for q b near n.
float remainder_of(float n, float q, float b) {
  float q1 = leading(q);
  float b1 = leading(b);
  precise float q2 = q - q1;
  precise float b2 = b - b1;
  precise float rest = (((n - q1 * b1) - q1 * b2) - q2 * b1) - q2 * b2;
  return rest;
}

// a / b, rounded to nearest but for rare ties; whole quotients are exact.
float quotient(float a, float b) {
  float q = a / b;
  precise float better = q + remainder_of(a, q, b) / b;
  return is_finite(better) ? better : q;
}

float m_sqrt(float x) {
  if (is_nan(x) || x < 0.0f) return not_a_number();
  return is_zero(x) || !is_finite(x) ? x : sqrt(x);
}

// As m_sqrt, rounded to nearest but for rare ties.
float root(float x) {
  float s = m_sqrt(x);
  precise float better = s + 0.5f * remainder_of(x, s, s) / s;
  return is_finite(better) ? better : s;
}

float m_floor(float x) { return floor(x); }
float m_ceil(float x) { return ceil(x); }
float m_trunc(float x) { return trunc(x); }
float m_rint(float x) { return roundEven(x); }

// ---- Exponentials ------------------------------------------------------------------------------

// 2^n e^r for |r| up to log(2) / 2 and a whole n in [-152, 129].
float exp_of_parts(float n, float r) {
  float p = 0.001381453885045755f;
  p = p * r + 0.008368745228036465f;
  p = p * r + 0.04166839081128364f;
  p = p * r + 0.16666520397760823f;
  p = p * r + 0.4999999343199099f;
  float y = 1.0f + (p * r * r + r);
  int whole = int(n);
  int half_of_it = whole >> 1;
  return y * power_of_two(half_of_it) * power_of_two(whole - half_of_it);
}

// 2^k e^x for k in [-2, 0].
float scaled_exp(float x, float k) {
  float limited = clamp(x, -104.5f, 91.0f);
  float n = roundEven(limited * 1.4426950408889634f);
  // log(2) in two parts, of which n times the first is exact.
  precise float r = (limited - n * 0.693359375f) + n * 2.12194440054690583e-4f;
  return is_nan(x) ? x : exp_of_parts(min(n + k, 129.0f), r);
}

float m_exp(float x) { return scaled_exp(x, 0.0f); }

float m_exp2(float x) {
  float limited = clamp(x, -151.0f, 129.0f);
  float n = roundEven(limited);
  return is_nan(x) ? x : exp_of_parts(n, (limited - n) * 0.6931471805599453f);
}

float m_expm1(float x) {
  if (m_abs(x) >= 0.4f) return m_exp(x) - 1.0f;
  float q = 0.00019847172587904825f;
  q = q * x + 0.0013957711016884134f;
  q = q * x + 0.008333433163073948f;
  q = q * x + 0.04166612656892969f;
  q = q * x + 0.16666665965792155f;
  q = q * x + 0.5000000103194755f;
  return is_zero(x) ? x : q * x * x + x;
}

float m_sinh(float x) {
  float a = m_abs(x);
  float z = x * x;
  if (a < 1.0f) {
    float p = 2.81695121e-6f;
    p = p * z + 0.000198361598f;
    p = p * z + 0.00833335006f;
    p = p * z + 0.166666665f;
    return is_zero(x) ? x : p * z * x + x;
  }
  float h = scaled_exp(a, -1.0f);
  return is_nan(x) ? x : with_sign(h - 0.25f / h, x);
}

float m_cosh(float x) {
  float h = scaled_exp(m_abs(x), -1.0f);
  return h + 0.25f / h;
}

float m_tanh(float x) {
  // Beyond this the nearest value is 1.
  float t = m_expm1(min(2.0f * m_abs(x), 18.1f));
  return is_nan(x) ? x : with_sign(t / (t + 2.0f), x);
}

// Below 0.93: x + x P(x^2). Above: 1 - exp(-x Q(x)).
float m_erf(float x) {
  float a = m_abs(x);
  if (is_nan(x)) return x;
  if (a < 0.93f) {
    float s = x * x;
    float p = -0.0005908106686547399f;
    p = p * s + 0.004976868163794279f;
    p = p * s - 0.026755468919873238f;
    p = p * s + 0.11281508952379227f;
    p = p * s - 0.37612465023994446f;
    p = p * s + 0.12837915122509003f;
    return p * x + x;
  }
  float u = min(a, 4.0f);
  float q = 4.764249752042815e-06f;
  q = q * u - 4.345350316725671e-05f;
  q = q * u - 6.0475496866274625e-05f;
  q = q * u + 0.0029603897128254175f;
  q = q * u - 0.022723335772752762f;
  q = q * u + 0.10530964285135269f;
  q = q * u + 0.6356009244918823f;
  q = q * u + 1.1285570859909058f;
  return with_sign(1.0f - m_exp(-(q * u)), x);
}

// ---- Logarithms --------------------------------------------------------------------------------

// A positive finite number as fraction 2^exponent, the fraction in [sqrt(1/2), sqrt(2)).
struct Parts {
  float fraction;
  float exponent;
};

Parts parts_of(float x) {
  uint bits = floatBitsToUint(x);
  float exponent = 0.0f;
  if (bits < 0x800000u) {  // denormal: a multiple of 2^-149
    bits = floatBitsToUint(float(bits));
    exponent = -149.0f;
  }
  bits += 0x3F800000u - 0x3F3504F3u;
  exponent += float(int(bits >> 23) - 127);
  return Parts(uintBitsToFloat((bits & 0x7FFFFFu) + 0x3F3504F3u), exponent);
}

// log(1 + f) - f for f in [sqrt(1/2) - 1, sqrt(2) - 1].
float log_tail(float f) {
  float q = 0.0674665231f;
  q = q * f - 0.116756702f;
  q = q * f + 0.118881668f;
  q = q * f - 0.124055863f;
  q = q * f + 0.142195515f;
  q = q * f - 0.16667996f;
  q = q * f + 0.200021187f;
  q = q * f - 0.250000096f;
  q = q * f + 0.333333126f;
  float z = f * f;
  return q * f * z - 0.5f * z;
}

// y, a logarithm of x, where x is a positive number; what the logarithm is elsewhere.
float or_special(float x, float y) {
  if (is_zero(x)) return -infinity();
  if (is_nan(x) || x < 0.0f) return not_a_number();
  return is_finite(x) ? y : x;
}

float m_log(float x) {
  Parts parts = parts_of(x);
  float f = parts.fraction - 1.0f;
  precise float low = log_tail(f) - parts.exponent * 2.12194440054690583e-4f;
  precise float y = (f + low) + parts.exponent * 0.693359375f;
  return or_special(x, y);
}

// With log2(e) = 1 + 0.44.
float m_log2(float x) {
  Parts parts = parts_of(x);
  float f = parts.fraction - 1.0f;
  float tail = log_tail(f);
  precise float y = (tail * 0.44269504088896341f + f * 0.44269504088896341f + tail) + f;
  return or_special(x, y + parts.exponent);
}

// With log10(e) and log10(2) each in two parts, of which the first has few bits.
float m_log10(float x) {
  Parts parts = parts_of(x);
  float f = parts.fraction - 1.0f;
  float tail = log_tail(f);
  precise float low =
      (tail + f) * 7.00731903251827651e-4f + parts.exponent * 2.48745663981195214e-4f;
  precise float y = ((low + tail * 0.43359375f) + f * 0.43359375f) + parts.exponent * 0.30078125f;
  return or_special(x, y);
}

float m_log1p(float x) {
  if (x > -0.29f && x < 0.41f) return is_zero(x) ? x : log_tail(x) + x;
  // log(u) + lost / u, where u = 1 + x - lost.
  precise float u = 1.0f + x;
  precise float lost = x > 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);
  float y = m_log(u);
  return u > 0.0f && is_finite(u) ? y + lost / u : y;
}

// ---- Powers and remainders ---------------------------------------------------------------------

// |a|^b for a positive finite a and a finite b. log2(a) is taken to some 30 bits after the point:
// with s = (m - 1) / (m + 1), log(m) = 2 atanh(s), s in two parts.
float positive_power(float a, float b) {
  Parts parts = parts_of(a);
  float m = parts.fraction;
  precise float f = m - 1.0f;
  precise float d = m + 1.0f;
  float d1 = leading(d);
  precise float d2 = m - (d1 - 1.0f);
  float s1 = leading(f / d);
  precise float s2 = ((f - s1 * d1) - s1 * d2) / d;
  precise float s = s1 + s2;
  float z = s * s;
  float p = 0.117908078f;
  p = p * z + 0.142686699f;
  p = p * z + 0.200001673f;
  p = p * z + 0.333333328f;
  precise float rest = s2 + p * z * s;
  // log2(a) = high + low; log2(e) in two parts.
  precise float product = 2.0f * s1 * 1.4423828125f;
  precise float high = parts.exponent + product;
  precise float low =
      ((parts.exponent - high) + product) + 2.0f * (s1 * 3.12228388963407e-4f + rest * 1.44269504f);
  if (b * high > 130.0f) return infinity();
  if (b * high < -152.0f) return 0.0f;
  float high1 = leading(high);
  float b1 = leading(b);
  precise float high2 = (high - high1) + low;
  precise float b2 = b - b1;
  precise float e1 = b1 * high1;
  precise float e2 = b * high2 + b2 * high1;
  float n = clamp(roundEven(e1 + e2), -152.0f, 129.0f);
  precise float r = (e1 - n) + e2;
  return exp_of_parts(n, r * 0.6931471805599453f);
}

float m_pow(float a, float b) {
  if (is_zero(b) || a == 1.0f) return 1.0f;
  if (is_nan(a) || is_nan(b)) return not_a_number();
  float magnitude = m_abs(a);
  bool large = m_abs(b) >= 16777216.0f;  // and even, or infinite
  bool whole = large || floor(b) == b;
  bool odd = !large && whole && (int(b) & 1) != 0;
  bool negative = is_negative(a);
  float y;
  if (!is_finite(b)) {
    y = magnitude == 1.0f ? 1.0f : (magnitude > 1.0f) == (b > 0.0f) ? infinity() : 0.0f;
  } else if (is_zero(a) || !is_finite(a)) {
    y = is_zero(a) == (b < 0.0f) ? infinity() : 0.0f;
  } else {
    if (negative && !whole) return not_a_number();
    y = positive_power(magnitude, b);
  }
  return negative && odd ? -y : y;
}

// Exact: the integer fractions are divided, 8 bits of the quotient at a time.
float m_fmod(float a, float b) {
  uint x = floatBitsToUint(a) & 0x7FFFFFFFu;
  uint y = floatBitsToUint(b) & 0x7FFFFFFFu;
  if (x >= 0x7F800000u || y > 0x7F800000u || y == 0u) return not_a_number();
  if (x < y) return a;
  int x_exponent = max(int(x >> 23), 1);
  int exponent = max(int(y >> 23), 1);
  x = x < 0x800000u ? x : (x & 0x7FFFFFu) | 0x800000u;
  y = y < 0x800000u ? y : (y & 0x7FFFFFu) | 0x800000u;
  x %= y;
  for (int left = x_exponent - exponent; left > 0; left -= 8) {
    x = (x << min(left, 8)) % y;
  }
  // x 2^(exponent - 150)
  int shift = min(23 - findMSB(x), exponent - 1);
  uint bits = x << shift;
  bits = bits < 0x800000u ? bits : (bits & 0x7FFFFFu) | (uint(exponent - shift) << 23);
  return with_sign(x == 0u ? 0.0f : uintBitsToFloat(bits), a);
}

#endif  // TESSERA_VULKAN_MATH_GLSL_
