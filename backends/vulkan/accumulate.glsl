// SPDX-License-Identifier: Apache-2.0
//
// Sums, or with PROD products, of values of TYPE: PART is what they are computed in, in memory as
// well (half floats: float32; uint8: int32).
#ifndef TESSERA_VULKAN_ACCUMULATE_GLSL_
#define TESSERA_VULKAN_ACCUMULATE_GLSL_

#include "types.glsl"

#define PART VALUE

#if defined(TYPE_f64)
#define DTYPE_OF_PART f64
#elif defined(TYPE_i64)
#define DTYPE_OF_PART i64
#elif defined(TYPE_i32) || defined(TYPE_u8) || defined(TYPE_bool)
#define DTYPE_OF_PART i32
#else
#define DTYPE_OF_PART f32
#endif
#define LOAD_PART OF(load_, DTYPE_OF_PART)
#define STORE_PART OF(store_, DTYPE_OF_PART)

#if defined(PROD)
#define NEUTRAL VALUE(1)
PART combine(PART a, PART b) { return a * b; }
#else
#define NEUTRAL VALUE(0)
PART combine(PART a, PART b) { return a + b; }
#endif

#endif  // TESSERA_VULKAN_ACCUMULATE_GLSL_
