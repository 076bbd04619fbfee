// SPDX-License-Identifier: Apache-2.0
//
// What shaders that sum products share: MULTIPLY_ADD(a, b, c) = a b + c in VALUE,
// and partial sums in memory, which are kept in the dtype that is computed with.
#ifndef TESSERA_VULKAN_PRODUCT_GLSL_
#define TESSERA_VULKAN_PRODUCT_GLSL_

#include "types.glsl"

#if defined(TYPE_f16) || defined(TYPE_bf16)
#define PARTIAL f32
#elif defined(TYPE_u8)
#define PARTIAL i32
#else
#define PARTIAL TYPE
#endif
#define LOAD_PARTIAL(address, index) OF(load_, PARTIAL)(address, index)
#define STORE_PARTIAL(address, index, value) OF(store_, PARTIAL)(address, index, value)

#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))

#endif  // TESSERA_VULKAN_PRODUCT_GLSL_
