// SPDX-License-Identifier: Apache-2.0
//
// sin, cos, tan and their inverses, for float. See math.glsl.
#ifndef TESSERA_VULKAN_MATH_TRIG_GLSL_
#define TESSERA_VULKAN_MATH_TRIG_GLSL_

#include "math.glsl"

// 64 zeros, then the bits of 2 / pi after the point.
const uint kTwoOverPi[39] = {
    0u,          0u,          0xA2F9836Eu, 0x4E441529u, 0xFC2757D1u, 0xF534DDC0u, 0xDB629599u,
    0x3C439041u, 0xFE5163ABu, 0xDEBBC561u, 0xB7246E3Au, 0x424DD2E0u, 0x06492EEAu, 0x09D1921Cu,
    0xFE1DEB1Cu, 0xB129A73Eu, 0xE88235F5u, 0x2EBB4484u, 0xE99C7026u, 0xB45F7E41u, 0x3991D639u,
    0x835339F4u, 0x9C845F8Bu, 0xBDF9283Bu, 0x1FF897FFu, 0xDE05980Fu, 0xEF2F118Bu, 0x5A0A6D1Fu,
    0x6D367ECFu, 0x27CB09B7u, 0x4F463F66u, 0x9E5FEA2Du, 0x7527BAC7u, 0xEBE5F17Bu, 0x3D0739F7u,
    0x8A5292EAu, 0x6BFB5FB1u, 0x1F8D5D08u, 0x56033046u};

// 32 bits of 2^e 2 / pi, from word `word` of its bits below weight 4 on.
uint word_of_two_over_pi(int e, int word) {
  int place = e + 62 + 32 * word;
  uint first = kTwoOverPi[place >> 5];
  uint shift = uint(place & 31);
  return shift == 0u ? first : (first << shift) | (kTwoOverPi[(place >> 5) + 1] >> (32u - shift));
}

// x = quadrant pi / 2 + angle, |angle| up to pi / 4 (and a little).
struct Turn {
  float angle;
  int quadrant;  // any number that is right modulo 4
};

// By fixed point arithmetic, modulo full turns (Payne and Hanek, 1983).
Turn reduce_large(float x) {
  uint bits = floatBitsToUint(x) & 0x7FFFFFFFu;
  int e = int(bits >> 23) - 150;
  uint64_t m = uint64_t((bits & 0x7FFFFFu) | 0x800000u);
  // m 2^e / (2 pi) in units of 2^-64 turns, whole turns dropped.
  uint64_t turns = (m * uint64_t(word_of_two_over_pi(e, 0))) << 32;
  turns += m * uint64_t(word_of_two_over_pi(e, 1));
  turns += (m * uint64_t(word_of_two_over_pi(e, 2))) >> 32;
  // To the nearest quarter: what is left is a signed number of 62 bits.
  int quadrant = int(uint(turns >> 62) + (uint(turns >> 61) & 1u));
  float angle = float(int64_t(turns << 2) >> 2) * 3.4061215800865545e-19f;  // 2 pi 2^-64
  return is_negative(x) ? Turn(-angle, -quadrant) : Turn(angle, quadrant);
}

Turn reduce(float x) {
  if (!is_finite(x)) return Turn(not_a_number(), 0);
  if (m_abs(x) > 8192.0f) return reduce_large(x);
  float n = roundEven(x * 0.63661977236758134f);
  // pi / 2 in parts of 11 bits, so that their products with n are exact.
  precise float r = x - n * 1.5703125f;
  r = r - n * 4.8375129699707031e-4f;
  r = r - n * 7.5495336204767227e-8f;
  r = r - n * 2.5633441515945188e-12f;
  return Turn(r, int(n));
}

float sin_near_zero(float r) {
  float z = r * r;
  float p = 2.71811791e-6f;
  p = p * z - 0.000198393119f;
  p = p * z + 0.0083333293f;
  p = p * z - 0.166666666f;
  return p * z * r + r;
}

float cos_near_zero(float r) {
  float z = r * r;
  float p = 2.44384156e-5f;
  p = p * z - 0.00138873672f;
  p = p * z + 0.0416666469f;
  return (p * z * z - 0.5f * z) + 1.0f;
}

float sin_of_turn(float angle, int quadrant) {
  float y = (quadrant & 1) == 0 ? sin_near_zero(angle) : cos_near_zero(angle);
  return (quadrant & 2) == 0 ? y : -y;
}

float m_sin(float x) {
  Turn turn = reduce(x);
  return is_zero(x) ? x : sin_of_turn(turn.angle, turn.quadrant);
}

float m_cos(float x) {
  Turn turn = reduce(x);
  return sin_of_turn(turn.angle, turn.quadrant + 1);
}

float m_tan(float x) {
  Turn turn = reduce(x);
  float r = turn.angle;
  float z = r * r;
  float p = 0.00437681931f;
  p = p * z + 8.84501252e-5f;
  p = p * z + 0.0108366556f;
  p = p * z + 0.0212818679f;
  p = p * z + 0.0540599772f;
  p = p * z + 0.133326628f;
  p = p * z + 0.333333498f;
  float y = p * z * r + r;
  if (is_zero(x)) return x;
  return (turn.quadrant & 1) == 0 ? y : -1.0f / y;
}

// asin(s) - s for |s| up to 1/2, of s and its square.
float asin_tail(float s, float z) {
  float p = 0.0421661705f;
  p = p * z + 0.0241795948f;
  p = p * z + 0.0454703601f;
  p = p * z + 0.0749529777f;
  p = p * z + 0.166667525f;
  return p * z * s;
}

// Above 1/2 by asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2)).
float m_asin(float x) {
  float a = m_abs(x);
  if (is_nan(x) || a > 1.0f) return not_a_number();
  if (a <= 0.5f) return is_zero(x) ? x : x + asin_tail(x, x * x);
  float z = 0.5f * (1.0f - a);
  float s = m_sqrt(z);
  return with_sign(1.57079637f - (2.0f * (s + asin_tail(s, z)) + 4.37113883e-8f), x);
}

float m_acos(float x) {
  float a = m_abs(x);
  if (is_nan(x) || a > 1.0f) return not_a_number();
  if (a <= 0.5f) return 1.57079637f - (x + (asin_tail(x, x * x) + 4.37113883e-8f));
  float z = 0.5f * (1.0f - a);
  float s = m_sqrt(z);
  float y = 2.0f * (s + asin_tail(s, z));
  return x < 0.0f ? 3.14159274f - (y + 8.74227766e-8f) : y;
}

// The angle of (x, y) for 0 <= y <= x, x > 0, x and y of moderate size.
float first_octant(float y, float x) {
  // Beyond tan(pi / 8): pi / 4 less what is left to it.
  bool far = y > 0.414213562f * x;
  // Compilers may take a common factor out of a sum, and undo the scaling in m_atan2.
  precise float sum = y + x;
  precise float difference = y - x;
  float t = far ? difference / sum : y / x;
  float z = t * t;
  float p = -0.0607798202f;
  p = p * z + 0.105937234f;
  p = p * z - 0.142435217f;
  p = p * z + 0.199984709f;
  p = p * z - 0.333333152f;
  float angle = p * z * t + t;
  return far ? 0.785398163f + angle : angle;
}

float m_atan(float x) {
  float a = m_abs(x);
  if (is_nan(x) || is_zero(x)) return x;
  float y = a <= 1.0f ? first_octant(a, 1.0f)
                      : 1.57079637f - (first_octant(1.0f / a, 1.0f) + 4.37113883e-8f);
  return with_sign(y, x);
}

float m_atan2(float y, float x) {
  if (is_nan(x) || is_nan(y)) return not_a_number();
  float a = m_abs(x);
  float b = m_abs(y);
  float greater = max(a, b);
  float lesser = min(a, b);
  float angle;
  if (is_zero(greater)) {
    angle = 0.0f;
  } else if (!is_finite(greater)) {
    angle = is_finite(lesser) ? 0.0f : 0.785398163f;
  } else {
    float scale = greater > 1e30f ? 1e-20f : greater < 1e-20f ? 1e20f : 1.0f;
    angle = first_octant(lesser * scale, greater * scale);
  }
  if (b > a) angle = 1.57079637f - (angle + 4.37113883e-8f);
  if (is_negative(x)) angle = 3.14159274f - (angle + 8.74227766e-8f);
  return with_sign(angle, y);
}

#endif  // TESSERA_VULKAN_MATH_TRIG_GLSL_
