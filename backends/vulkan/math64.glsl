// SPDX-License-Identifier: Apache-2.0
//
// What math.glsl has, for double. math64_trig.glsl has sin to atan2.
//
// GLSL and C++ (glsl.h); math64_test.cc compares with long doubles.
#ifndef TESSERA_VULKAN_MATH64_GLSL_
#define TESSERA_VULKAN_MATH64_GLSL_

// The word with the sign and the exponent, and the other one.
uint high_word(double x) { return unpackDouble2x32(x).y; }
uint low_word(double x) { return unpackDouble2x32(x).x; }
double from_words(uint low, uint high) { return packDouble2x32(uvec2(low, high)); }

bool is_finite(double x) { return (high_word(x) & 0x7FF00000u) != 0x7FF00000u; }
bool is_nan(double x) { return !is_finite(x) && ((high_word(x) & 0xFFFFFu) | low_word(x)) != 0u; }
bool is_zero(double x) { return ((high_word(x) & 0x7FFFFFFFu) | low_word(x)) == 0u; }
bool is_negative(double x) { return (high_word(x) & 0x80000000u) != 0u; }
double infinity64() { return from_words(0u, 0x7FF00000u); }
double not_a_number64() { return from_words(0u, 0x7FF80000u); }
double m_abs(double x) { return from_words(low_word(x), high_word(x) & 0x7FFFFFFFu); }
double with_sign(double magnitude, double sign) {
  return from_words(low_word(magnitude),
                    (high_word(magnitude) & 0x7FFFFFFFu) | (high_word(sign) & 0x80000000u));
}

// The leading 26 bits of x: products of two such are exact.
double leading(double x) { return from_words(low_word(x) & 0xF8000000u, high_word(x)); }

// 2^k for k in [-1022, 1023].
double power_of_two64(int k) { return from_words(0u, uint(k + 1023) << 20); }

// n - q b without rounding, barring overflow and underflow, for q b near n.
double remainder_of(double n, double q, double b) {
  double q1 = leading(q);
  double b1 = leading(b);
  precise double q2 = q - q1;
  precise double b2 = b - b1;
  precise double rest = (((n - q1 * b1) - q1 * b2) - q2 * b1) - q2 * b2;
  return rest;
}

double quotient(double a, double b) {
  double q = a / b;
  precise double better = q + remainder_of(a, q, b) / b;
  return is_finite(better) ? better : q;
}

double m_sqrt(double x) {
  if (is_nan(x) || x < 0.0lf) return not_a_number64();
  return is_zero(x) || !is_finite(x) ? x : sqrt(x);
}

double root(double x) {
  double s = m_sqrt(x);
  precise double better = s + 0.5lf * remainder_of(x, s, s) / s;
  return is_finite(better) ? better : s;
}

double m_floor(double x) { return floor(x); }
double m_ceil(double x) { return ceil(x); }
double m_trunc(double x) { return trunc(x); }
double m_rint(double x) { return roundEven(x); }

// ---- Exponentials ------------------------------------------------------------------------------

// 2^n e^r for |r| up to log(2) / 2 and a whole n in [-1077, 1025].
double exp_of_parts(double n, double r) {
  double p = 2.0926898617501834e-9lf;
  p = p * r + 2.5112240195505706e-8lf;
  p = p * r + 2.7557233511130038e-7lf;
  p = p * r + 2.7557234235666683e-6lf;
  p = p * r + 2.4801587373553921e-5lf;
  p = p * r + 0.00019841269897060204lf;
  p = p * r + 0.0013888888888858543lf;
  p = p * r + 0.008333333333316738lf;
  p = p * r + 0.041666666666666724lf;
  p = p * r + 0.16666666666666684lf;
  p = p * r + 0.5lf;
  double y = 1.0lf + (p * r * r + r);
  int whole = int(n);
  int half_of_it = whole >> 1;
  return y * power_of_two64(half_of_it) * power_of_two64(whole - half_of_it);
}

// 2^k e^x for k in [-2, 0].
double scaled_exp(double x, double k) {
  double limited = clamp(x, -746.0lf, 712.0lf);
  double n = roundEven(limited * 1.4426950408889634lf);
  precise double r = (limited - n * 0.69314718036912381649lf) - n * 1.9082149292705878161e-10lf;
  return is_nan(x) ? x : exp_of_parts(min(n + k, 1025.0lf), r);
}

double m_exp(double x) { return scaled_exp(x, 0.0lf); }

double m_exp2(double x) {
  double limited = clamp(x, -1076.0lf, 1025.0lf);
  double n = roundEven(limited);
  return is_nan(x) ? x : exp_of_parts(n, (limited - n) * 0.69314718055994531lf);
}

double m_expm1(double x) {
  if (m_abs(x) >= 0.5lf) return m_exp(x) - 1.0lf;
  double q = 9.9650514803330926e-12lf;
  q = q * x + 1.6121243673688687e-10lf;
  q = q * x + 2.0889168876719933e-9lf;
  q = q * x + 2.5051913942073941e-8lf;
  q = q * x + 2.7557280300311907e-7lf;
  q = q * x + 2.7557319515206758e-6lf;
  q = q * x + 2.4801587360001611e-5lf;
  q = q * x + 0.00019841269841057761lf;
  q = q * x + 0.0013888888888846341lf;
  q = q * x + 0.0083333333333333995lf;
  q = q * x + 0.041666666666666799lf;
  q = q * x + 0.16666666666666667lf;
  q = q * x + 0.5lf;
  return is_zero(x) ? x : q * x * x + x;
}

double m_sinh(double x) {
  double a = m_abs(x);
  if (a < 1.0lf) {
    double z = x * x;
    double p = 7.7587488095927243e-13lf;
    p = p * z + 1.6057259768146478e-10lf;
    p = p * z + 2.5052123136734611e-8lf;
    p = p * z + 2.7557319157071781e-6lf;
    p = p * z + 0.00019841269841431873lf;
    p = p * z + 0.0083333333333331477lf;
    p = p * z + 0.16666666666666667lf;
    return is_zero(x) ? x : p * z * x + x;
  }
  double h = scaled_exp(a, -1.0lf);
  return is_nan(x) ? x : with_sign(h - 0.25lf / h, x);
}

double m_cosh(double x) {
  double h = scaled_exp(m_abs(x), -1.0lf);
  return h + 0.25lf / h;
}

double m_tanh(double x) {
  double t = m_expm1(min(2.0lf * m_abs(x), 38.2lf));
  return is_nan(x) ? x : with_sign(t / (t + 2.0lf), x);
}

// Below 1: x P(x^2). Above: 1 - exp(-x^2) Q((x - 2) / (x + 2)).
double m_erf(double x) {
  if (is_nan(x) || is_zero(x)) return x;
  double a = m_abs(x);
  if (a < 1.0lf) {
    double z = x * x;
    double p = 5.9452654505833267e-11lf;
    p = p * z - 1.136566823238612e-9lf;
    p = p * z + 1.4657880449249398e-8lf;
    p = p * z - 1.6350025315553945e-7lf;
    p = p * z + 1.6460972826013487e-6lf;
    p = p * z - 1.4925593507463182e-5lf;
    p = p * z + 0.00012055331036923937lf;
    p = p * z - 0.00085483269787428838lf;
    p = p * z + 0.0052239776247808788lf;
    p = p * z - 0.026866170645072896lf;
    p = p * z + 0.11283791670954857lf;
    p = p * z - 0.37612638903183748lf;
    p = p * z + 0.1283791670955126lf;
    return p * x + x;
  }
  a = min(a, 6.0lf);
  double t = (a - 2.0lf) / (a + 2.0lf);
  double q = -1.6213638399547517e-6lf;
  q = q * t - 1.4599484623635589e-5lf;
  q = q * t - 2.7312793054210906e-5lf;
  q = q * t + 2.7666193555805438e-5lf;
  q = q * t + 0.00017436940374777188lf;
  q = q * t + 4.3549365643363584e-5lf;
  q = q * t - 0.0009819781249580155lf;
  q = q * t - 0.0008471431958220972lf;
  q = q * t + 0.0069974617635164127lf;
  q = q * t + 0.0037328924051638183lf;
  q = q * t - 0.078978581015875334lf;
  q = q * t + 0.24165819424245821lf;
  q = q * t - 0.42718584741395828lf;
  q = q * t + 0.25539567631050575lf;
  return with_sign(1.0lf - m_exp(-(a * a)) * q, x);
}

// ---- Logarithms --------------------------------------------------------------------------------

struct Parts64 {
  double fraction;
  double exponent;
};

Parts64 parts_of(double x) {
  double exponent = -1023.0lf;
  if (high_word(x) < 0x100000u) {
    x = (double(high_word(x)) * 4294967296.0lf + double(low_word(x)));
    exponent = -1074.0lf - 1023.0lf;
  }
  // sqrt(1/2) is 0x3FE6A09E...
  uint high = high_word(x) + (0x3FF00000u - 0x3FE6A09Eu);
  exponent += double(high >> 20);
  return Parts64(from_words(low_word(x), (high & 0xFFFFFu) + 0x3FE6A09Eu), exponent);
}

// (atanh(s) / s - 1) / s^2, of z = s^2 for |s| up to (sqrt(2) - 1) / (sqrt(2) + 1).
double atanh_tail(double z) {
  double p = 0.066254446517482611lf;
  p = p * z + 0.066250846144124794lf;
  p = p * z + 0.076935441769539694lf;
  p = p * z + 0.090908878620439861lf;
  p = p * z + 0.11111111323006296lf;
  p = p * z + 0.14285714284545747lf;
  p = p * z + 0.20000000000003114lf;
  return p * z + 0.33333333333333330lf;
}

// log(1 + f) - f for f in [sqrt(1/2) - 1, sqrt(2) - 1]: with s = f / (2 + f) and h = f^2 / 2,
// log(1 + f) = 2 atanh(s) and 2 s = f - h + s h.
double log_tail(double f) {
  double s = f / (2.0lf + f);
  double z = s * s;
  double h = 0.5lf * f * f;
  return s * (h + 2.0lf * z * atanh_tail(z)) - h;
}

double or_special(double x, double y) {
  if (is_zero(x)) return -infinity64();
  if (is_nan(x) || x < 0.0lf) return not_a_number64();
  return is_finite(x) ? y : x;
}

double m_log(double x) {
  Parts64 parts = parts_of(x);
  double f = parts.fraction - 1.0lf;
  precise double low = log_tail(f) + parts.exponent * 1.9082149292705878161e-10lf;
  precise double y = (f + low) + parts.exponent * 0.69314718036912381649lf;
  return or_special(x, y);
}

double m_log2(double x) {
  Parts64 parts = parts_of(x);
  double f = parts.fraction - 1.0lf;
  double tail = log_tail(f);
  precise double y = (tail * 0.44269504088896341lf + f * 0.44269504088896341lf + tail) + f;
  return or_special(x, y + parts.exponent);
}

double m_log10(double x) {
  Parts64 parts = parts_of(x);
  double f = parts.fraction - 1.0lf;
  double tail = log_tail(f);
  precise double low =
      (tail + f) * 4.7981111416159726689e-9lf + parts.exponent * 3.6942390771589305366e-13lf;
  precise double y = ((low + tail * 0.43429447710514068604lf) + f * 0.43429447710514068604lf) +
                     parts.exponent * 0.30102999566361177131lf;
  return or_special(x, y);
}

double m_log1p(double x) {
  if (x > -0.29lf && x < 0.41lf) return is_zero(x) ? x : log_tail(x) + x;
  precise double u = 1.0lf + x;
  precise double lost = x > 1.0lf ? 1.0lf - (u - x) : x - (u - 1.0lf);
  double y = m_log(u);
  return u > 0.0lf && is_finite(u) ? y + lost / u : y;
}

// ---- Powers and remainders ---------------------------------------------------------------------

double positive_power(double a, double b) {
  Parts64 parts = parts_of(a);
  double m = parts.fraction;
  precise double f = m - 1.0lf;
  precise double d = m + 1.0lf;
  double d1 = leading(d);
  precise double d2 = m - (d1 - 1.0lf);
  double s1 = leading(f / d);
  precise double s2 = ((f - s1 * d1) - s1 * d2) / d;
  precise double s = s1 + s2;
  double z = s * s;
  precise double rest = s2 + atanh_tail(z) * z * s;
  precise double product = 2.0lf * s1 * 1.44269502162933349609375lf;
  precise double high = parts.exponent + product;
  precise double low = ((parts.exponent - high) + product) +
                       2.0lf * (s1 * 1.925962991126617468e-8lf + rest * 1.4426950408889634lf);
  if (b * high > 1026.0lf) return infinity64();
  if (b * high < -1077.0lf) return 0.0lf;
  double high1 = leading(high);
  double b1 = leading(b);
  precise double high2 = (high - high1) + low;
  precise double b2 = b - b1;
  precise double e1 = b1 * high1;
  precise double e2 = b * high2 + b2 * high1;
  double n = clamp(roundEven(e1 + e2), -1077.0lf, 1025.0lf);
  precise double r = (e1 - n) + e2;
  return exp_of_parts(n, r * 0.69314718055994531lf);
}

double m_pow(double a, double b) {
  if (is_zero(b) || a == 1.0lf) return 1.0lf;
  if (is_nan(a) || is_nan(b)) return not_a_number64();
  double magnitude = m_abs(a);
  bool large = m_abs(b) >= 9007199254740992.0lf;  // and even, or infinite
  bool whole = large || floor(b) == b;
  bool odd = !large && whole && floor(0.5lf * b) != 0.5lf * b;
  bool negative = is_negative(a);
  double y;
  if (!is_finite(b)) {
    y = magnitude == 1.0lf ? 1.0lf : (magnitude > 1.0lf) == (b > 0.0lf) ? infinity64() : 0.0lf;
  } else if (is_zero(a) || !is_finite(a)) {
    y = is_zero(a) == (b < 0.0lf) ? infinity64() : 0.0lf;
  } else {
    if (negative && !whole) return not_a_number64();
    y = positive_power(magnitude, b);
  }
  return negative && odd ? -y : y;
}

uint64_t magnitude_bits(double x) {
  return (uint64_t(high_word(x) & 0x7FFFFFFFu) << 32) | uint64_t(low_word(x));
}

// Exact: the integer fractions are divided, 11 bits of the quotient at a time.
double m_fmod(double a, double b) {
  uint64_t x = magnitude_bits(a);
  uint64_t y = magnitude_bits(b);
  if (!is_finite(a) || is_nan(b) || is_zero(b)) return not_a_number64();
  if (x < y) return a;
  int x_exponent = max(int(uint(x >> 52)), 1);
  int exponent = max(int(uint(y >> 52)), 1);
  uint64_t hidden = uint64_t(1) << 52;
  x = x < hidden ? x : (x & (hidden - uint64_t(1))) | hidden;
  y = y < hidden ? y : (y & (hidden - uint64_t(1))) | hidden;
  x %= y;
  for (int left = x_exponent - exponent; left > 0; left -= 11) {
    x = (x << min(left, 11)) % y;
  }
  uint high = uint(x >> 32);
  int top = high != 0u ? 32 + findMSB(high) : findMSB(uint(x));
  int shift = min(52 - top, exponent - 1);
  uint64_t bits = x << shift;
  bits = bits < hidden ? bits
                       : (bits & (hidden - uint64_t(1))) | (uint64_t(uint(exponent - shift)) << 52);
  double y_rest = from_words(uint(bits), uint(bits >> 32));
  return with_sign(x == uint64_t(0) ? 0.0lf : y_rest, a);
}

#endif  // TESSERA_VULKAN_MATH64_GLSL_
