// SPDX-License-Identifier: Apache-2.0
//
// Sizes, names and kinds of the C interface's dtypes.
#ifndef TESSERA_BACKENDS_PLUGIN_DTYPE_H_
#define TESSERA_BACKENDS_PLUGIN_DTYPE_H_

#include <cstddef>
#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::plugin {

inline constexpr uint32_t kDtypeCount = 9;  // dtypes are 1..8

// Bytes of one element; 0 for what is no dtype.
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

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_DTYPE_H_
