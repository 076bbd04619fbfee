// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/dtype.h"

#include <bit>
#include <cmath>

namespace tessera::cpu {
namespace {

// Rounds `value` to a float of `exponent_bits` and `fraction_bits`, to nearest even.
template <int exponent_bits, int fraction_bits>
uint16_t round_double(double value) {
  constexpr int kBias = (1 << (exponent_bits - 1)) - 1;
  constexpr uint16_t kInfinity = ((1 << exponent_bits) - 1) << fraction_bits;
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return sign | kInfinity | (1 << (fraction_bits - 1));
  const double magnitude = std::fabs(value);
  if (std::isinf(magnitude)) return sign | kInfinity;
  if (magnitude == 0) return sign;
  int exponent = std::ilogb(magnitude);
  if (exponent > kBias) return sign | kInfinity;
  if (exponent < 1 - kBias) exponent = 1 - kBias;  // subnormal: a fixed unit
  // The value in units of its last place; nearbyint rounds to nearest even, as the default is.
  const double units = std::nearbyint(std::ldexp(magnitude, fraction_bits - exponent));
  // A carry out of the fraction moves on into the exponent, up to infinity.
  const int base = (exponent + kBias - 1) << fraction_bits;
  const int bits = base + static_cast<int>(units);
  return sign | static_cast<uint16_t>(bits >= kInfinity ? kInfinity : bits);
}

}  // namespace

float half_to_float(Half value) {
  const uint32_t sign = static_cast<uint32_t>(value.bits & 0x8000) << 16;
  const uint32_t exponent = (value.bits >> 10) & 31;
  const uint32_t fraction = value.bits & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | fraction << 13);
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

Half double_to_half(double value) { return {round_double<5, 10>(value)}; }
Bfloat double_to_bfloat(double value) { return {round_double<8, 7>(value)}; }

}  // namespace tessera::cpu
