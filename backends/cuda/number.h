// SPDX-License-Identifier: Apache-2.0
//
// The dtypes in memory (float, double, Float16, Bfloat16, int32_t, int64_t, uint8_t, bool), the
// values that kernels compute with, and conversions as `copy` defines them.
#ifndef TESSERA_BACKENDS_CUDA_NUMBER_H_
#define TESSERA_BACKENDS_CUDA_NUMBER_H_

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/half.h"
#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda {

template <class T>
inline constexpr bool kIsHalf = std::is_same_v<T, Float16> || std::is_same_v<T, Bfloat16>;
template <class T>
inline constexpr bool kIsFloating = kIsHalf<T> || std::is_floating_point_v<T>;

// What elements of T are computed in: float for the half types, else T.
template <class T>
using Computed = std::conditional_t<kIsHalf<T>, float, T>;

// The dtype of T, and T by the dtype.
template <class T>
inline constexpr uint32_t kDtypeOf = std::is_same_v<T, float>      ? TSR_FLOAT32
                                     : std::is_same_v<T, double>   ? TSR_FLOAT64
                                     : std::is_same_v<T, Float16>  ? TSR_FLOAT16
                                     : std::is_same_v<T, Bfloat16> ? TSR_BFLOAT16
                                     : std::is_same_v<T, int32_t>  ? TSR_INT32
                                     : std::is_same_v<T, int64_t>  ? TSR_INT64
                                     : std::is_same_v<T, uint8_t>  ? TSR_UINT8
                                                                   : TSR_BOOL;

template <class T>
struct TypeTag {
  using Type = T;
};

// Calls f(TypeTag<T>()).
template <class F>
void with_floating(uint32_t dtype, F&& f) {
  switch (dtype) {
    case TSR_FLOAT64:
      return f(TypeTag<double>());
    case TSR_FLOAT16:
      return f(TypeTag<Float16>());
    case TSR_BFLOAT16:
      return f(TypeTag<Bfloat16>());
    default:
      return f(TypeTag<float>());
  }
}
template <class F>
void with_numeric(uint32_t dtype, F&& f) {
  switch (dtype) {
    case TSR_INT32:
      return f(TypeTag<int32_t>());
    case TSR_INT64:
      return f(TypeTag<int64_t>());
    case TSR_UINT8:
      return f(TypeTag<uint8_t>());
    default:
      return with_floating(dtype, f);
  }
}
template <class F>
void with_any(uint32_t dtype, F&& f) {
  if (dtype == TSR_BOOL) return f(TypeTag<bool>());
  with_numeric(dtype, f);
}
// With an unsigned integer of the dtype's size, for bits that are moved.
template <class F>
void with_bits(uint32_t dtype, F&& f) {
  switch (dtype) {
    case TSR_FLOAT64:
    case TSR_INT64:
      return f(TypeTag<uint64_t>());
    case TSR_FLOAT16:
    case TSR_BFLOAT16:
      return f(TypeTag<uint16_t>());
    case TSR_UINT8:
    case TSR_BOOL:
      return f(TypeTag<uint8_t>());
    default:
      return f(TypeTag<uint32_t>());
  }
}

template <class T>
__host__ __device__ __forceinline__ Computed<T> load(T x) {
  if constexpr (kIsHalf<T>) {
    return to_float(x);
  } else {
    return x;
  }
}

// From what T is computed in, rounded once.
template <class T>
__host__ __device__ __forceinline__ T store(Computed<T> x) {
  if constexpr (kIsHalf<T>) {
    T rounded;
    round_to(x, &rounded);
    return rounded;
  } else {
    return x;
  }
}

// A float as an integer: towards zero; what does not fit, and nan, become what the CPU's conversion
// makes of them where that is defined, and some value where it is not.
template <class To, class From>
__host__ __device__ __forceinline__ To convert(From from) {
  if constexpr (std::is_same_v<To, From>) {
    return from;
  } else if constexpr (kIsHalf<From>) {
    return convert<To>(to_float(from));
  } else if constexpr (kIsHalf<To>) {
    To to;
    if constexpr (std::is_same_v<From, float>) {
      round_to(from, &to);
    } else {
      round_to(round_to_odd(static_cast<double>(from)), &to);
    }
    return to;
  } else if constexpr (std::is_same_v<To, bool>) {
    return from != From(0);
  } else if constexpr (std::is_same_v<To, uint8_t> && std::is_floating_point_v<From>) {
    return static_cast<uint8_t>(static_cast<int64_t>(from));
  } else {
    return static_cast<To>(from);
  }
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_NUMBER_H_
