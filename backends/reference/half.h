// SPDX-License-Identifier: Apache-2.0
//
// float16 and bfloat16 as their bits: conversions by arithmetic, rounding once to nearest even.
#ifndef TESSERA_BACKENDS_REFERENCE_HALF_H_
#define TESSERA_BACKENDS_REFERENCE_HALF_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tessera::reference {

// A binary format of one sign bit, ExponentBits and FractionBits, 16 in all.
template <int ExponentBits, int FractionBits>
struct SmallFloat {
  static constexpr int kBias = (1 << (ExponentBits - 1)) - 1;
  static constexpr int kMaxExponent = (1 << ExponentBits) - 1;  // of inf and nan, as stored

  static double decode(uint16_t bits) {
    const int exponent = (bits >> FractionBits) & kMaxExponent;
    const int fraction = bits & ((1 << FractionBits) - 1);
    double magnitude;
    if (exponent == kMaxExponent) {
      magnitude = fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                                : std::numeric_limits<double>::infinity();
    } else if (exponent == 0) {
      magnitude = std::ldexp(fraction, 1 - kBias - FractionBits);
    } else {
      magnitude = std::ldexp(fraction + (1 << FractionBits), exponent - kBias - FractionBits);
    }
    return (bits >> 15) != 0 ? -magnitude : magnitude;
  }

  static uint16_t encode(double value) {
    const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    if (std::isnan(value)) return sign | kMaxExponent << FractionBits | 1 << (FractionBits - 1);
    if (value == 0) return sign;
    const double magnitude = std::fabs(value);
    // The exponent of the leading bit, or of the least normal number below that.
    const int exponent = std::isinf(value) ? kBias + 1 : std::max(std::ilogb(magnitude), 1 - kBias);
    if (exponent > kBias) return sign | kMaxExponent << FractionBits;
    // In units of the last place. Rounding up may carry into the exponent, which is right as it is.
    const int units =
        static_cast<int>(std::nearbyint(std::ldexp(magnitude, FractionBits - exponent)));
    return sign | static_cast<uint16_t>(((exponent + kBias - 1) << FractionBits) + units);
  }
};

using Float16 = SmallFloat<5, 10>;
using Bfloat16 = SmallFloat<8, 7>;

}  // namespace tessera::reference

#endif  // TESSERA_BACKENDS_REFERENCE_HALF_H_
