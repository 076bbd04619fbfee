// SPDX-License-Identifier: Apache-2.0
//
// sin, cos, tan and their inverses, for double. See math.glsl, math_trig.glsl.
#ifndef TESSERA_VULKAN_MATH64_TRIG_GLSL_
#define TESSERA_VULKAN_MATH64_TRIG_GLSL_

#include "math64.glsl"
#include "math_trig.glsl"

struct Turn64 {
  double angle;
  int quadrant;
};

// m 2^e / (2 pi) turns, m = high 2^32 + low: 32 bits of it from weight 2^(-32 - 32 place) on, plus
// a carry. The upper word of what is returned carries into the place before.
uint64_t turns_at(int e, uint low, uint high, int place, uint64_t carry) {
  uint64_t w0 = uint64_t(word_of_two_over_pi(e, place));
  uint64_t w1 = uint64_t(word_of_two_over_pi(e, place + 1));
  uint64_t w2 = uint64_t(word_of_two_over_pi(e, place + 2));
  uint64_t kept = uint64_t(0xFFFFFFFFu);
  return ((uint64_t(low) * w0) & kept) + ((uint64_t(low) * w1) >> 32) +
         ((uint64_t(high) * w1) & kept) + ((uint64_t(high) * w2) >> 32) + (carry >> 32);
}

Turn64 reduce_large(double x) {
  int e = int((high_word(x) >> 20) & 0x7FFu) - 1075;
  uint low = low_word(x);
  uint high = (high_word(x) & 0xFFFFFu) | 0x100000u;
  uint64_t t3 = turns_at(e, low, high, 3, uint64_t(0));
  uint64_t t2 = turns_at(e, low, high, 2, t3);
  uint64_t t1 = turns_at(e, low, high, 1, t2);
  uint64_t t0 = turns_at(e, low, high, 0, t1);
  // Four words after the point. To the nearest quarter; what is left has a sign.
  uint first = uint(t0);
  int quadrant = int((first >> 30) + ((first >> 29) & 1u));
  bool below = (first & 0x20000000u) != 0u;
  first &= 0x3FFFFFFFu;
  uint flip = below ? 0xFFFFFFFFu : 0u;
  double sum =
      double((first ^ flip) & 0x3FFFFFFFu) + double(uint(t1) ^ flip) * 2.3283064365386963e-10lf;
  double small = double(uint(t2) ^ flip) + double(uint(t3) ^ flip) * 2.3283064365386963e-10lf;
  // 2 pi 2^-32
  double angle = (sum + small * 5.4210108624275222e-20lf) * 1.4629180792671596e-9lf;
  bool negative = below != is_negative(x);
  return Turn64(negative ? -angle : angle, is_negative(x) ? -quadrant : quadrant);
}

Turn64 reduce(double x) {
  if (!is_finite(x)) return Turn64(not_a_number64(), 0);
  if (m_abs(x) > 1e6lf) return reduce_large(x);
  double n = roundEven(x * 0.63661977236758134lf);
  // pi / 2 in parts of 33 bits, so that their products with n are exact.
  precise double r = x - n * 1.5707963267341256142lf;
  r = r - n * 6.0771005063039659766e-11lf;
  r = r - n * 2.0222662487111664558e-21lf;
  r = r - n * 8.478427660368899644e-32lf;
  return Turn64(r, int(n));
}

double sin_near_zero(double r) {
  double z = r * r;
  double p = -7.5785333803900553e-13lf;
  p = p * z + 1.6058363027090332e-10lf;
  p = p * z - 2.505210488078168e-8lf;
  p = p * z + 2.7557319214060782e-6lf;
  p = p * z - 0.00019841269841254792lf;
  p = p * z + 0.0083333333333333225lf;
  p = p * z - 0.16666666666666667lf;
  return p * z * r + r;
}

double cos_near_zero(double r) {
  double z = r * r;
  double p = -1.1359658892732196e-11lf;
  p = p * z + 2.0875723480008791e-9lf;
  p = p * z - 2.7557314353796685e-7lf;
  p = p * z + 2.4801587289487042e-5lf;
  p = p * z - 0.0013888888888874131lf;
  p = p * z + 0.0416666666666666lf;
  return (p * z * z - 0.5lf * z) + 1.0lf;
}

double sin_of_turn(double angle, int quadrant) {
  double y = (quadrant & 1) == 0 ? sin_near_zero(angle) : cos_near_zero(angle);
  return (quadrant & 2) == 0 ? y : -y;
}

double m_sin(double x) {
  Turn64 turn = reduce(x);
  return is_zero(x) ? x : sin_of_turn(turn.angle, turn.quadrant);
}

double m_cos(double x) {
  Turn64 turn = reduce(x);
  return sin_of_turn(turn.angle, turn.quadrant + 1);
}

double m_tan(double x) {
  Turn64 turn = reduce(x);
  double s = sin_near_zero(turn.angle);
  double c = cos_near_zero(turn.angle);
  if (is_zero(x)) return x;
  return (turn.quadrant & 1) == 0 ? s / c : -(c / s);
}

// asin(s) - s for |s| up to 1/2, of s and its square.
double asin_tail(double s, double z) {
  double p = 0.03262853317380089lf;
  p = p * z - 0.020998932273689753lf;
  p = p * z + 0.021707368045332748lf;
  p = p * z + 0.0037064344547918827lf;
  p = p * z + 0.010780248289858171lf;
  p = p * z + 0.011398912486185605lf;
  p = p * z + 0.013980820602104366lf;
  p = p * z + 0.01735161199993214lf;
  p = p * z + 0.022372214989031315lf;
  p = p * z + 0.03038194270770803lf;
  p = p * z + 0.04464285717461412lf;
  p = p * z + 0.074999999999707965lf;
  p = p * z + 0.1666666666666676lf;
  return p * z * s;
}

double m_asin(double x) {
  double a = m_abs(x);
  if (is_nan(x) || a > 1.0lf) return not_a_number64();
  if (a <= 0.5lf) return is_zero(x) ? x : x + asin_tail(x, x * x);
  double z = 0.5lf * (1.0lf - a);
  double s = m_sqrt(z);
  double y = 2.0lf * (s + asin_tail(s, z)) - 6.123233995736766e-17lf;
  return with_sign(1.5707963267948966lf - y, x);
}

double m_acos(double x) {
  double a = m_abs(x);
  if (is_nan(x) || a > 1.0lf) return not_a_number64();
  if (a <= 0.5lf) {
    return 1.5707963267948966lf - (x + (asin_tail(x, x * x) - 6.123233995736766e-17lf));
  }
  double z = 0.5lf * (1.0lf - a);
  double s = m_sqrt(z);
  double y = 2.0lf * (s + asin_tail(s, z));
  return x < 0.0lf ? 3.1415926535897932lf - (y - 1.2246467991473532e-16lf) : y;
}

double first_octant(double y, double x) {
  bool far = y > 0.414213562373095lf * x;
  precise double sum = y + x;
  precise double difference = y - x;
  double t = far ? difference / sum : y / x;
  double z = t * t;
  double p = 0.015193185649989872lf;
  p = p * z - 0.033471909050321194lf;
  p = p * z + 0.045034113743313997lf;
  p = p * z - 0.052183627278211727lf;
  p = p * z + 0.058770140082017808lf;
  p = p * z - 0.06666225813129458lf;
  p = p * z + 0.076922826835384108lf;
  p = p * z - 0.090909081406549508lf;
  p = p * z + 0.11111111088053329lf;
  p = p * z - 0.14285714285385703lf;
  p = p * z + 0.19999999999997648lf;
  p = p * z - 0.33333333333333327lf;
  double angle = p * z * t + t;
  return far ? 0.78539816339744831lf + angle : angle;
}

double m_atan(double x) {
  double a = m_abs(x);
  if (is_nan(x) || is_zero(x)) return x;
  double y = a <= 1.0lf ? first_octant(a, 1.0lf)
                        : 1.5707963267948966lf -
                              (first_octant(1.0lf / a, 1.0lf) - 6.123233995736766e-17lf);
  return with_sign(y, x);
}

double m_atan2(double y, double x) {
  if (is_nan(x) || is_nan(y)) return not_a_number64();
  double a = m_abs(x);
  double b = m_abs(y);
  double greater = max(a, b);
  double lesser = min(a, b);
  double angle;
  if (is_zero(greater)) {
    angle = 0.0lf;
  } else if (!is_finite(greater)) {
    angle = is_finite(lesser) ? 0.0lf : 0.78539816339744831lf;
  } else {
    double scale = greater > 1e250lf ? 1e-100lf : greater < 1e-150lf ? 1e150lf : 1.0lf;
    angle = first_octant(lesser * scale, greater * scale);
  }
  if (b > a) angle = 1.5707963267948966lf - (angle - 6.123233995736766e-17lf);
  if (is_negative(x)) angle = 3.1415926535897932lf - (angle - 1.2246467991473532e-16lf);
  return with_sign(angle, y);
}

#endif  // TESSERA_VULKAN_MATH64_TRIG_GLSL_
