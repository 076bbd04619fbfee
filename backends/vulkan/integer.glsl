// SPDX-License-Identifier: Apache-2.0
//
// The integer functions of backends/elementwise/vocabulary.h that GLSL leaves undefined somewhere.
// GLSL and C++ (glsl.h; -fwrapv). uint8 is computed in int: types.glsl.
#ifndef TESSERA_VULKAN_INTEGER_GLSL_
#define TESSERA_VULKAN_INTEGER_GLSL_

int m_abs(int x) { return x < 0 ? -x : x; }
int64_t m_abs(int64_t x) { return x < int64_t(0) ? -x : x; }

// a / b toward zero; 0 where b is 0; the least number divided by -1 wraps.
int quotient(int a, int b) {
  if (b == 0) return 0;
  return b == -1 ? -a : a / b;
}
int64_t quotient(int64_t a, int64_t b) {
  if (b == int64_t(0)) return int64_t(0);
  return b == int64_t(-1) ? -a : a / b;
}

// a - b quotient(a, b), and 0 where b is 0. (GLSL's % is undefined for negative operands.)
int m_fmod(int a, int b) { return b == 0 ? 0 : a - b * quotient(a, b); }
int64_t m_fmod(int64_t a, int64_t b) {
  return b == int64_t(0) ? int64_t(0) : a - b * quotient(a, b);
}

// By wrapping products; a negative exponent gives 1 / a^-b truncated, and 0 where a is 0.
int m_pow(int a, int b) {
  if (b < 0) {
    if (a == 1) return 1;
    return a == -1 ? ((b & 1) != 0 ? -1 : 1) : 0;
  }
  int y = 1;
  for (uint left = uint(b); left != 0u; left >>= 1) {
    if ((left & 1u) != 0u) y *= a;
    a *= a;
  }
  return y;
}
int64_t m_pow(int64_t a, int64_t b) {
  if (b < int64_t(0)) {
    if (a == int64_t(1)) return a;
    int64_t odd = b & int64_t(1);
    return a == int64_t(-1) ? (odd != int64_t(0) ? a : int64_t(1)) : int64_t(0);
  }
  int64_t y = int64_t(1);
  for (uint64_t left = uint64_t(b); left != uint64_t(0); left >>= 1) {
    if ((left & uint64_t(1)) != uint64_t(0)) y *= a;
    a *= a;
  }
  return y;
}

#endif  // TESSERA_VULKAN_INTEGER_GLSL_
