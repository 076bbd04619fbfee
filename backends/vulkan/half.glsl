// SPDX-License-Identifier: Apache-2.0
//
// Conversions to and from 16-bit floats by integer arithmetic alone, so that they do not depend on
// how a driver rounds, whether it keeps denormals, or which 16-bit types it knows.
//
// GLSL and C++ (glsl.h): half_test.cc runs it on the host.
#ifndef TESSERA_VULKAN_HALF_GLSL_
#define TESSERA_VULKAN_HALF_GLSL_

// The float32 with the value of a float16. All are bits.
uint half_to_float_bits(uint h) {
  uint magnitude = h & 0x7FFFu;
  uint sign = (h & 0x8000u) << 16;
  // A denormal is a multiple of 2^-24: its leading bit becomes the float32's hidden one.
  int top = findMSB(magnitude);  // -1 for zero
  uint denormal =
      magnitude == 0u ? 0u : (uint(top + 103) << 23) + ((magnitude << (23 - top)) & 0x7FFFFFu);
  uint normal = (magnitude << 13) + (112u << 23);
  uint special = (magnitude << 13) | 0x7F800000u;
  return sign | (magnitude < 0x400u ? denormal : magnitude < 0x7C00u ? normal : special);
}

// The float16 nearest to a float32, the even one of two; what is too large becomes infinity.
uint float_to_half_bits(uint f) {
  uint magnitude = f & 0x7FFFFFFFu;
  uint sign = (f >> 16) & 0x8000u;
  uint normal = (magnitude - (112u << 23) + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13;
  // Below 2^-14 a float16 is a multiple of 2^-24, below 2^-25 it is 0.
  uint shift = clamp(126u - (magnitude >> 23), 14u, 25u);
  uint fraction = (magnitude & 0x7FFFFFu) | 0x800000u;
  uint denormal = (fraction + (1u << (shift - 1u)) - 1u + ((fraction >> shift) & 1u)) >> shift;
  uint rounded = magnitude < 0x38800000u ? denormal : normal;
  if (magnitude >= 0x477FF000u) rounded = 0x7C00u;
  if (magnitude > 0x7F800000u) rounded = 0x7E00u;
  return sign | rounded;
}

uint bfloat_to_float_bits(uint b) { return b << 16; }

// The bfloat16 nearest to a float32, the even one of two.
uint float_to_bfloat_bits(uint f) {
  uint rounded = (f + 0x7FFFu + ((f >> 16) & 1u)) >> 16;
  return (f & 0x7FFFFFFFu) > 0x7F800000u ? (f >> 16) | 0x40u : rounded;
}

// Rounding to odd: toward zero, and the last bit set if anything was lost. What is rounded to a
// float32 so, and to a 16-bit float afterwards, is rounded as if at once.

// A float64, as its two words, to a float32; infinity from 2^128 on.
uint double_to_odd_float_bits(uint low, uint high) {
  uint sign = high & 0x80000000u;
  int exponent = int((high >> 20) & 0x7FFu) - 896;  // biased as a float32's
  uint fraction = ((high & 0xFFFFFu) << 3) | (low >> 29);
  uint lost = (low & 0x1FFFFFFFu) != 0u ? 1u : 0u;
  if (exponent >= 255) {
    bool nan = exponent == 1151 && (fraction | lost) != 0u;
    return sign | (nan ? 0x7FC00000u : 0x7F800000u);
  }
  if (exponent > 0) return sign | (uint(exponent) << 23) | fraction | lost;
  // A denormal float32, a multiple of 2^-149.
  uint shift = uint(min(1 - exponent, 25));
  uint whole = exponent == -896 ? fraction : fraction | 0x800000u;
  uint cut = whole & ((1u << shift) - 1u);
  return sign | (whole >> shift) | (cut != 0u ? 1u : lost);
}

// The integer high 2^32 + low to a float32.
uint whole_to_odd_float_bits(uint low, uint high) {
  if (high == 0u && low < 0x1000000u) return floatBitsToUint(float(low));
  int top = high != 0u ? 32 + findMSB(high) : findMSB(low);
  uint shift = uint(top - 23);
  // The top 24 bits, and what is below them.
  uint whole, cut;
  if (shift < 32u) {
    whole = (low >> shift) | (shift == 0u ? 0u : high << (32u - shift));
    cut = low & ((1u << shift) - 1u);
  } else {
    whole = high >> (shift - 32u);
    cut = low | (high & ((1u << (shift - 32u)) - 1u));
  }
  return (uint(top + 127) << 23) | (whole & 0x7FFFFFu) | (cut != 0u ? 1u : 0u);
}

#endif  // TESSERA_VULKAN_HALF_GLSL_
