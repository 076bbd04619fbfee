// SPDX-License-Identifier: Apache-2.0
//
// The dtypes of the C interface as C++ types.
#ifndef TESSERA_BACKENDS_CPU_DTYPE_H_
#define TESSERA_BACKENDS_CPU_DTYPE_H_

#include <cstddef>
#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::cpu {

inline constexpr uint32_t kDtypeCount = 9;  // dtypes are 1..8

// 0 for what is no dtype.
inline size_t item_size(uint32_t dtype) {
  static constexpr uint8_t kSizes[kDtypeCount] = {0, 4, 8, 2, 2, 4, 8, 1, 1};
  return dtype < kDtypeCount ? kSizes[dtype] : 0;
}

inline const char* dtype_name(uint32_t dtype) {
  static constexpr const char* kNames[kDtypeCount] = {
      "?", "float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8", "bool"};
  return dtype < kDtypeCount ? kNames[dtype] : "?";
}

inline bool is_half(uint32_t dtype) { return dtype == TSR_FLOAT16 || dtype == TSR_BFLOAT16; }
inline bool is_floating(uint32_t dtype) { return dtype >= TSR_FLOAT32 && dtype <= TSR_BFLOAT16; }

// The dtype that values of `dtype` are computed in.
inline uint32_t compute_dtype(uint32_t dtype) {
  return is_half(dtype) ? uint32_t{TSR_FLOAT32} : dtype;
}

// A 16-bit float as its bits. The two are types of their own so that templates tell them apart.
struct Half {
  uint16_t bits;
};
struct Bfloat {
  uint16_t bits;
};

// float64 represents every value of the four floating dtypes.
float half_to_float(Half value);
Half double_to_half(double value);  // rounds once, to nearest even

inline float bfloat_to_float(Bfloat value) {
  return __builtin_bit_cast(float, static_cast<uint32_t>(value.bits) << 16);
}
Bfloat double_to_bfloat(double value);  // rounds once, to nearest even

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_DTYPE_H_
