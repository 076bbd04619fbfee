// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/convert.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "tessera/backends/cpu/convert_half.h"
#include "tessera/backends/cpu/dtype.h"

namespace tessera::cpu {
namespace {

struct Bool {
  uint8_t value;
};

template <class T>
auto widen(T v) {
  return v;
}
[[maybe_unused]] float widen(Half v) { return half_to_float(v); }
[[maybe_unused]] float widen(Bfloat v) { return bfloat_to_float(v); }
[[maybe_unused]] uint8_t widen(Bool v) { return v.value; }

// Float to integer goes by way of int64: nan gives 0, what is out of its range the nearest end.
template <class To, class From>
To narrow(From v) {
  if constexpr (std::is_same_v<To, Bool>) {
    return {static_cast<uint8_t>(v != From(0))};
  } else if constexpr (std::is_same_v<To, Half>) {
    return double_to_half(static_cast<double>(v));
  } else if constexpr (std::is_same_v<To, Bfloat>) {
    return double_to_bfloat(static_cast<double>(v));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr From kEnd = static_cast<From>(9223372036854775808.0);  // 2^63
    if (v >= -kEnd && v < kEnd) return static_cast<To>(static_cast<int64_t>(v));
    using Limits = std::numeric_limits<int64_t>;
    return static_cast<To>(v >= kEnd ? Limits::max() : v < -kEnd ? Limits::min() : 0);
  } else {
    return static_cast<To>(v);
  }
}

template <class From, class To>
void convert(const void* from, void* to, size_t n) {
  if constexpr (std::is_same_v<From, To>) {
    if (n != 0) std::memcpy(to, from, n * sizeof(To));
  } else {
    const From* in = static_cast<const From*>(from);
    To* out = static_cast<To*>(to);
    for (size_t i = 0; i < n; ++i) out[i] = narrow<To>(widen(in[i]));
  }
}

template <class From>
ConvertKernel convert_to(uint32_t to) {
  switch (to) {
    case TSR_FLOAT32:
      return convert<From, float>;
    case TSR_FLOAT64:
      return convert<From, double>;
    case TSR_FLOAT16:
      return convert<From, Half>;
    case TSR_BFLOAT16:
      return convert<From, Bfloat>;
    case TSR_INT32:
      return convert<From, int32_t>;
    case TSR_INT64:
      return convert<From, int64_t>;
    case TSR_UINT8:
      return convert<From, uint8_t>;
    default:
      return convert<From, Bool>;
  }
}

}  // namespace

ConvertKernel find_convert(uint32_t from, uint32_t to) {
  const HalfKernels& half = half_kernels();
  if (to == TSR_FLOAT32) {
    if (from == TSR_FLOAT16) return half.from_half;
    if (from == TSR_BFLOAT16) return half.from_bfloat;
  }
  if (from == TSR_FLOAT32) {
    if (to == TSR_FLOAT16) return half.to_half;
    if (to == TSR_BFLOAT16) return half.to_bfloat;
  }
  switch (from) {
    case TSR_FLOAT32:
      return convert_to<float>(to);
    case TSR_FLOAT64:
      return convert_to<double>(to);
    case TSR_FLOAT16:
      return convert_to<Half>(to);
    case TSR_BFLOAT16:
      return convert_to<Bfloat>(to);
    case TSR_INT32:
      return convert_to<int32_t>(to);
    case TSR_INT64:
      return convert_to<int64_t>(to);
    case TSR_UINT8:
      return convert_to<uint8_t>(to);
    default:
      return convert_to<Bool>(to);
  }
}

}  // namespace tessera::cpu
