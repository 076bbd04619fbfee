// SPDX-License-Identifier: Apache-2.0
//
// The dtypes of the C interface as C++ types.
#ifndef TESSERA_BACKENDS_CPU_DTYPE_H_
#define TESSERA_BACKENDS_CPU_DTYPE_H_

#include <cstddef>
#include <cstdint>

#include "tessera/backends/plugin/dtype.h"

namespace tessera::cpu {

using plugin::compute_dtype;
using plugin::dtype_name;
using plugin::is_floating;
using plugin::is_half;
using plugin::item_size;
using plugin::kDtypeCount;

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
