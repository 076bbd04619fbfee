// SPDX-License-Identifier: Apache-2.0
//
// The little of GLSL that math.glsl and its like use, for C++: tests include these files inside
// namespace tessera::vulkan::glsl and run them on the host.
//
//   #include "tessera/backends/vulkan/glsl.h"
//   namespace tessera::vulkan::glsl {
//   #include "backends/vulkan/math.glsl"
//   }
//
// Compile with -ffp-contract=off: `precise` means nothing here. What is common to both languages:
// functions that return values (no out parameters), structs made by S(a, b), float literals with f
// and double literals with lf, array constants of { }.
#ifndef TESSERA_BACKENDS_VULKAN_GLSL_H_
#define TESSERA_BACKENDS_VULKAN_GLSL_H_

#include <bit>
#include <cmath>
#include <cstdint>

#define precise
#define highp

namespace tessera::vulkan::glsl {

using uint = uint32_t;
using std::abs;
using std::ceil;
using std::floor;
using std::sqrt;
using std::trunc;

struct uvec2 {
  uint x, y;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wliteral-suffix"
constexpr double operator"" lf(long double x) { return static_cast<double>(x); }
#pragma GCC diagnostic pop

template <class T>
T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
T max(T a, T b) {
  return a < b ? b : a;
}
template <class T>
T clamp(T x, T low, T high) {
  return min(max(x, low), high);
}

// The place of the leading one, -1 if there is none.
inline int findMSB(uint x) { return 31 - std::countl_zero(x); }

inline uint floatBitsToUint(float x) { return std::bit_cast<uint>(x); }
inline int floatBitsToInt(float x) { return std::bit_cast<int>(x); }
inline float uintBitsToFloat(uint x) { return std::bit_cast<float>(x); }
inline float intBitsToFloat(int x) { return std::bit_cast<float>(x); }
inline uvec2 unpackDouble2x32(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  return {static_cast<uint>(bits), static_cast<uint>(bits >> 32)};
}
inline double packDouble2x32(uvec2 x) {
  return std::bit_cast<double>(static_cast<uint64_t>(x.y) << 32 | x.x);
}

// Half to even.
inline float roundEven(float x) { return std::nearbyint(x); }
inline double roundEven(double x) { return std::nearbyint(x); }

}  // namespace tessera::vulkan::glsl

#endif  // TESSERA_BACKENDS_VULKAN_GLSL_H_
