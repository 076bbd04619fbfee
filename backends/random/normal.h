// SPDX-License-Identifier: Apache-2.0
//
// The standard normal quantile of a random word, bit for bit the same wherever integers and IEEE
// float32 products and sums are. C99, for plugins.
//   source: the hierarchical segments of Cheung, Lee, Luk, Villasenor: Hardware generation of
//           arbitrary random number distributions from uniform distributions via the inversion
//           method (2007); coefficients by make_normal_table.py
//
// The top bit is the sign. The other 31, m, stand for the tail probability p = (m + 1/2) / 2^32.
// The leading zeros of m choose an octave of p, the 4 bits after its leading one a segment, the
// next 24 bits the place in it, where a cubic gives the quantile. t runs towards p = 1/2, so that
// values near 0 keep their relative accuracy. Against the exact quantile: 2.3e-7 relative, 2 ulp;
// the largest magnitude is 6.34.
//
// Whoever compiles this, or writes it in SIMD or GLSL, must not fuse c + t * x into one rounding:
// -ffp-contract=off, `precise`. normal_test.cc has a checksum that shows it; so does the exam.
#ifndef TESSERA_BACKENDS_RANDOM_NORMAL_H_
#define TESSERA_BACKENDS_RANDOM_NORMAL_H_

#include <stdint.h>
#include <string.h>

#include "tessera/backends/random/philox.h"

#define TESSERA_NORMAL_ROWS 512

// Coefficients c0 ... c3 of row = octave * 16 + segment: the quantile is
// c0 + t * (c1 + t * (c2 + t * c3)).
#if defined(__CUDACC__)
static __device__ const float kTesseraNormalTable[TESSERA_NORMAL_ROWS][4] = {
#else
static const float kTesseraNormalTable[TESSERA_NORMAL_ROWS][4] = {
#endif
#define TESSERA_NORMAL_ROW(c0, c1, c2, c3) {c0, c1, c2, c3},
#include "tessera/backends/random/normal_table.inc"
#undef TESSERA_NORMAL_ROW
};

// The row of the table and the place t in [0, 1) for a word.
TESSERA_RANDOM_FN uint32_t tessera_normal_row(uint32_t word, float* t) {
  const uint32_t m = word & UINT32_C(0x7FFFFFFF);
#if defined(__CUDA_ARCH__)
  const uint32_t octave = m == 0 ? 31 : (uint32_t)__clz((int)m) - 1;
#else
  const uint32_t octave = m == 0 ? 31 : (uint32_t)__builtin_clz(m) - 1;
#endif
  // Bits after the leading one, from bit 31 down. m = 0 shifts nothing in.
  const uint32_t rest = (m << octave) << 2;
  const uint32_t fraction = (rest >> 4) & UINT32_C(0xFFFFFF);
  *t = (float)(UINT32_C(0xFFFFFF) - fraction) * (1.0f / 16777216.0f);
  return octave * 16 + (rest >> 28);
}

// N(0, 1), rounded as float32.
TESSERA_RANDOM_FN float tessera_normal_float32(uint32_t word) {
  float t;
  const float* c = kTesseraNormalTable[tessera_normal_row(word, &t)];
#if defined(__CUDA_ARCH__)
  float x = __fadd_rn(c[2], __fmul_rn(t, c[3]));
  x = __fadd_rn(c[1], __fmul_rn(t, x));
  x = __fadd_rn(c[0], __fmul_rn(t, x));
  return __uint_as_float(__float_as_uint(x) ^ (word & UINT32_C(0x80000000)));
#else
  float x = c[2] + t * c[3];
  x = c[1] + t * x;
  x = c[0] + t * x;
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits ^= word & UINT32_C(0x80000000);
  memcpy(&x, &bits, sizeof bits);
  return x;
#endif
}

#endif  // TESSERA_BACKENDS_RANDOM_NORMAL_H_
