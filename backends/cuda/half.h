// SPDX-License-Identifier: Apache-2.0
//
// float16 and bfloat16 as they stand in memory, and their conversions: rounded to nearest even. On
// a GPU they are its instructions; elsewhere integers.
#ifndef TESSERA_BACKENDS_CUDA_HALF_H_
#define TESSERA_BACKENDS_CUDA_HALF_H_

#include <cstdint>
#include <cstring>

#include "tessera/backends/cuda/runtime.h"

#if defined(__CUDACC__)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

namespace tessera::cuda {

struct Float16 {
  uint16_t bits;
};
struct Bfloat16 {
  uint16_t bits;
};

__host__ __device__ inline uint32_t bits_of(float x) {
#if defined(__CUDA_ARCH__)
  return __float_as_uint(x);
#else
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
#endif
}
__host__ __device__ inline float float_of(uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#else
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
#endif
}

__host__ __device__ inline float to_float(Bfloat16 h) {
  return float_of(static_cast<uint32_t>(h.bits) << 16);
}

__host__ __device__ inline float to_float(Float16 h) {
#if defined(__CUDA_ARCH__)
  return __half2float(__ushort_as_half(h.bits));
#else
  const uint32_t sign = static_cast<uint32_t>(h.bits & 0x8000) << 16, rest = h.bits & 0x7FFF;
  if (rest >= 0x7C00) return float_of(sign | 0x7F800000 | rest << 13);
  // As a float whose exponent is too small by 112, which a product puts right, subnormals included.
  return float_of(sign | bits_of(float_of(rest << 13) * 0x1p112f));
#endif
}

__host__ __device__ inline void round_to(float x, Bfloat16* h) {
#if defined(__CUDA_ARCH__)
  h->bits = __bfloat16_as_ushort(__float2bfloat16_rn(x));
#else
  const uint32_t bits = bits_of(x);
  h->bits = x != x ? 0x7FFF : static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
#endif
}

__host__ __device__ inline void round_to(float x, Float16* h) {
#if defined(__CUDA_ARCH__)
  h->bits = __half_as_ushort(__float2half_rn(x));
#else
  const uint32_t bits = bits_of(x), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  uint32_t result = 0;
  if (magnitude > 0x7F800000) {
    result = 0x7FFF;
  } else if (magnitude >= 0x477FF000) {  // rounds to 2^16 or more
    result = 0x7C00;
  } else if (magnitude < 0x38800000) {  // below 2^-14
    // The sum has its unit in the last place where the result has: at 2^-24.
    result = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
  } else {
    result = (magnitude - 0x38000000 + 0xFFF + (magnitude >> 13 & 1)) >> 13;
  }
  h->bits = static_cast<uint16_t>(sign | result);
#endif
}

// Towards zero, but with an odd last bit if it is not exact: a second rounding to a type of at
// least two bits less is then right.
__host__ __device__ inline float round_to_odd(double x) {
  const float nearest = static_cast<float>(x);
  if (static_cast<double>(nearest) == x || x != x) return nearest;
  const double a = nearest < 0 ? -static_cast<double>(nearest) : static_cast<double>(nearest);
  const double b = x < 0 ? -x : x;
  const uint32_t bits = bits_of(nearest);
  return float_of((a > b ? bits - 1 : bits) | 1);
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_HALF_H_
