// SPDX-License-Identifier: Apache-2.0
//
// Values of TYPE as unsigned integers (KEY) in the same order, nan greatest.
#ifndef TESSERA_VULKAN_ORDER_GLSL_
#define TESSERA_VULKAN_ORDER_GLSL_

#include "types.glsl"

#if defined(TYPE_f64) || defined(TYPE_i64)
#define KEY uint64_t
#define KEY_SIZE 8
#define LOAD_KEY(address, index) load_b64(address, index)
#define STORE_KEY(address, index, key) store_b64(address, index, key)
#else
#define KEY uint
#define KEY_SIZE 4
#define LOAD_KEY(address, index) load_b32(address, index)
#define STORE_KEY(address, index, key) store_b32(address, index, key)
#endif

// key_of(v): -0 is below 0. value_of(key_of(v)) is v, and any nan for a nan.
// rank_of(v): as key_of, but the same for -0 and 0.
// reversed(key): the opposite order, in which nan is still greatest; its own inverse.
#if defined(TYPE_f32) || defined(TYPE_f16) || defined(TYPE_bf16)

uint key_of(float v) {
  uint bits = floatBitsToUint(v);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return 0xFFFFFFFFu;
  return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}
float value_of(uint key) {
  if (key == 0xFFFFFFFFu) return uintBitsToFloat(0x7FC00000u);
  return uintBitsToFloat((key & 0x80000000u) != 0u ? key & 0x7FFFFFFFu : ~key);
}
uint rank_of(float v) { return max(key_of(v), key_of(v) == 0x7FFFFFFFu ? 0x80000000u : 0u); }
uint reversed(uint key) { return key == 0xFFFFFFFFu ? key : ~key; }

#elif defined(TYPE_f64)

uint64_t key_of(double v) {
  uvec2 words = unpackDouble2x32(v);
  uint magnitude = words.y & 0x7FFFFFFFu;
  if (magnitude > 0x7FF00000u || (magnitude == 0x7FF00000u && words.x != 0u)) {
    words = uvec2(0xFFFFFFFFu);
  } else if ((words.y & 0x80000000u) != 0u) {
    words = ~words;
  } else {
    words.y |= 0x80000000u;
  }
  return pack64(words);
}
double value_of(uint64_t key) {
  uvec2 words = unpack32(key);
  if (words == uvec2(0xFFFFFFFFu)) {
    words = uvec2(0u, 0x7FF80000u);
  } else if ((words.y & 0x80000000u) != 0u) {
    words.y &= 0x7FFFFFFFu;
  } else {
    words = ~words;
  }
  return packDouble2x32(words);
}
uint64_t rank_of(double v) {
  uvec2 words = unpack32(key_of(v));
  if (words == uvec2(0xFFFFFFFFu, 0x7FFFFFFFu)) words = uvec2(0u, 0x80000000u);
  return pack64(words);
}
uint64_t reversed(uint64_t key) {
  uvec2 words = unpack32(key);
  return pack64(words == uvec2(0xFFFFFFFFu) ? words : ~words);
}

#elif defined(TYPE_i64)

const uint64_t kSign = uint64_t(1) << 63;
uint64_t key_of(int64_t v) { return uint64_t(v) ^ kSign; }
int64_t value_of(uint64_t key) { return int64_t(key ^ kSign); }
uint64_t rank_of(int64_t v) { return key_of(v); }
uint64_t reversed(uint64_t key) { return ~key; }

#elif defined(TYPE_i32)

uint key_of(int v) { return uint(v) ^ 0x80000000u; }
int value_of(uint key) { return int(key ^ 0x80000000u); }
uint rank_of(int v) { return key_of(v); }
uint reversed(uint key) { return ~key; }

#else  // u8, bool

#if defined(TYPE_bool)
const uint kMostKey = 1u;
#else
const uint kMostKey = 255u;
#endif
uint key_of(int v) { return uint(v); }
int value_of(uint key) { return int(key); }
uint rank_of(int v) { return key_of(v); }
uint reversed(uint key) { return kMostKey - key; }

#endif
#endif  // TESSERA_VULKAN_ORDER_GLSL_
