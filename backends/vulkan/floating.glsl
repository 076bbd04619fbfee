// SPDX-License-Identifier: Apache-2.0
//
// The mathematics of a shader whose TYPE is a floating dtype, and WIDE: the dtype that it computes
// in and keeps statistics in, float32 for the half types.
#ifndef TESSERA_VULKAN_FLOATING_GLSL_
#define TESSERA_VULKAN_FLOATING_GLSL_

#include "math.glsl"
#include "types.glsl"
#ifdef TYPE_f64
#include "math64.glsl"
#define WIDE f64
#define INFINITE infinity64()
#define NAN not_a_number64()
#else
#define WIDE f32
#define INFINITE infinity()
#define NAN not_a_number()
#endif

#define LOAD_WIDE(address, index) OF(load_, WIDE)(address, index)
#define STORE_WIDE(address, index, value) OF(store_, WIDE)(address, index, value)

VALUE finite_or_zero(VALUE x) { return is_finite(x) ? x : VALUE(0); }

#endif  // TESSERA_VULKAN_FLOATING_GLSL_
