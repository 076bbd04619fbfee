// SPDX-License-Identifier: Apache-2.0
//
// Numbers as the emulated libraries read and write them.
#ifndef TESSERA_BACKENDS_CUDA_EMULATION_HOST_NUMBER_H_
#define TESSERA_BACKENDS_CUDA_EMULATION_HOST_NUMBER_H_

#include <cmath>
#include <cstdint>
#include <cstring>

namespace tessera::cuda::emulation {

// The nearest number with `bits` bits behind the point, of a magnitude that float32 has.
inline float with_bits(float x, int bits) {
  if (!std::isfinite(x) || x == 0) return x;
  int exponent = 0;
  const float mantissa = std::frexp(x, &exponent);  // [0.5, 1)
  const float scale = std::ldexp(1.0f, bits + 1);
  return std::ldexp(std::nearbyint(mantissa * scale) / scale, exponent);
}

inline float float_of_half(uint16_t half) {
  const int exponent = half >> 10 & 31, mantissa = half & 1023;
  const float sign = half >> 15 != 0 ? -1.0f : 1.0f;
  if (exponent == 31) return mantissa != 0 ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

inline uint16_t half_of_float(float x) {
  const uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  if (std::isnan(x)) return 0x7FFF;
  const float a = std::fabs(x);
  if (a >= 65520) return sign | 0x7C00;
  if (a < 0x1p-14f) return sign | static_cast<uint16_t>(std::nearbyint(a * 0x1p24f));
  int exponent = 0;
  const float mantissa = std::frexp(a, &exponent);
  // The rounded mantissa may carry into the exponent, whose bits stand beside it.
  const uint32_t bits = static_cast<uint32_t>(std::nearbyint(mantissa * 2048)) - 1024;
  return sign | static_cast<uint16_t>(static_cast<uint32_t>(exponent + 14) * 1024 + bits);
}

inline float float_of_bfloat(uint16_t b) {
  const uint32_t bits = static_cast<uint32_t>(b) << 16;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline uint16_t bfloat_of_float(float x) {
  if (std::isnan(x)) return 0x7FFF;
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

}  // namespace tessera::cuda::emulation

#endif  // TESSERA_BACKENDS_CUDA_EMULATION_HOST_NUMBER_H_
