// SPDX-License-Identifier: Apache-2.0
//
// Dtypes in shaders: what stands in memory, what is computed with, loads, stores and casts.
//
//   #version 460
//   #extension GL_GOOGLE_include_directive : require
//   #include "types.glsl"
//   ... STORE(y, i, LOAD(x, i) + VALUE(1));        compiled with -DTYPE_f16, say
//
// A dtype D is one of these names. Addresses are uint64_t and of elements of D (aligned to an
// element, no more); indices are int64_t elements from there.
//
//   D      in memory  VALUE(D)   notes
//   f32    float      float
//   f64    double     double     the module needs shaderFloat64 if it loads, stores or casts these
//   f16    uint16_t   float      computed in float32, rounded once to nearest even at the store
//   bf16   uint16_t   float      likewise
//   i32    int        int        wraps
//   i64    int64_t    int64_t    wraps
//   u8     uint8_t    int        0 .. 255 after a load; the store keeps the low 8 bits. Sums,
//                                differences and products may be taken as they are
//   bool   uint8_t    int        0 or 1 after a load; the store writes != 0
//   b8 b16 b32 b64               bits that are moved only: VALUE is uint, for b64 uint64_t. Ops
//   that
//                                move elements need 4 shaders with these, not 8
//
//   load_D(address, index)            -> VALUE of D
//   store_D(address, index, VALUE of D)
//   to_E(VALUE of D)                  -> VALUE of E, for all D and E of the first eight: the cast
//   of
//                                     `copy` (docs/ops.md). Float to integer truncates toward zero;
//                                     by way of int64, where nan gives 0 and what is out of range
//                                     the nearest end, and the low bits of that. A cast to f16 or
//                                     bf16 followed by the store rounds once
//   SIZE_D                            bytes of an element
//   of_bits_D(uint64_t)               -> VALUE of D from an element's bits; what is above is
//   ignored bits_of_D(VALUE of D)             -> uint64_t, with zeros above
//
// What is defined (-DTYPE_f32, or a #define before the #include):
//   TYPE_D          TYPE is D; VALUE, LOAD(a, i), STORE(a, i, v) and SIZE are those of TYPE
//   FROM_D, TO_D    FROM and TO are dtypes, for OF(load_, FROM) and so on
// Functions that a shader does not call cost nothing: not even their capability.
#ifndef TESSERA_VULKAN_TYPES_GLSL_
#define TESSERA_VULKAN_TYPES_GLSL_

#extension GL_EXT_buffer_reference2 : require
#extension GL_EXT_scalar_block_layout : require
#extension GL_EXT_shader_explicit_arithmetic_types_int8 : require
#extension GL_EXT_shader_explicit_arithmetic_types_int16 : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_shader_8bit_storage : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_GOOGLE_include_directive : require

#include "half.glsl"

// OF(load_, TYPE) is load_f32 if TYPE is f32.
#define TESSERA_PASTE(a, b) a##b
#define OF(prefix, dtype) TESSERA_PASTE(prefix, dtype)

// ---- What stands in memory ---------------------------------------------------------------------

#define SIZE_f32 4
#define SIZE_f64 8
#define SIZE_f16 2
#define SIZE_bf16 2
#define SIZE_i32 4
#define SIZE_i64 8
#define SIZE_u8 1
#define SIZE_bool 1
#define SIZE_b8 1
#define SIZE_b16 2
#define SIZE_b32 4
#define SIZE_b64 8

#define VALUE_f32 float
#define VALUE_f64 double
#define VALUE_f16 float
#define VALUE_bf16 float
#define VALUE_i32 int
#define VALUE_i64 int64_t
#define VALUE_u8 int
#define VALUE_bool int
#define VALUE_b8 uint
#define VALUE_b16 uint
#define VALUE_b32 uint
#define VALUE_b64 uint64_t

layout(buffer_reference, scalar, buffer_reference_align = 1) buffer Memory8 { uint8_t value; };
layout(buffer_reference, scalar, buffer_reference_align = 2) buffer Memory16 { uint16_t value; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer Memory32 { uint value; };
layout(buffer_reference, scalar, buffer_reference_align = 8) buffer Memory64 { uint64_t value; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer MemoryFloat { float value; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer MemoryInt { int value; };
layout(buffer_reference, scalar, buffer_reference_align = 8) buffer MemoryDouble { double value; };
layout(buffer_reference, scalar, buffer_reference_align = 8) buffer MemoryInt64 { int64_t value; };

uint64_t element(uint64_t address, int64_t index, int size) {
  return address + uint64_t(index * int64_t(size));
}

uint load_b8(uint64_t a, int64_t i) { return uint(Memory8(element(a, i, 1)).value); }
uint load_b16(uint64_t a, int64_t i) { return uint(Memory16(element(a, i, 2)).value); }
uint load_b32(uint64_t a, int64_t i) { return Memory32(element(a, i, 4)).value; }
uint64_t load_b64(uint64_t a, int64_t i) { return Memory64(element(a, i, 8)).value; }
float load_f32(uint64_t a, int64_t i) { return MemoryFloat(element(a, i, 4)).value; }
double load_f64(uint64_t a, int64_t i) { return MemoryDouble(element(a, i, 8)).value; }
float load_f16(uint64_t a, int64_t i) {
  return uintBitsToFloat(half_to_float_bits(load_b16(a, i)));
}
float load_bf16(uint64_t a, int64_t i) {
  return uintBitsToFloat(bfloat_to_float_bits(load_b16(a, i)));
}
int load_i32(uint64_t a, int64_t i) { return MemoryInt(element(a, i, 4)).value; }
int64_t load_i64(uint64_t a, int64_t i) { return MemoryInt64(element(a, i, 8)).value; }
int load_u8(uint64_t a, int64_t i) { return int(load_b8(a, i)); }
int load_bool(uint64_t a, int64_t i) { return int(load_b8(a, i)); }

// The sums make the module declare small integers, without which no constant may be folded into
// them.
void store_b8(uint64_t a, int64_t i, uint v) {
  Memory8(element(a, i, 1)).value = uint8_t(v) + uint8_t(0);
}
void store_b16(uint64_t a, int64_t i, uint v) {
  Memory16(element(a, i, 2)).value = uint16_t(v) + uint16_t(0);
}
void store_b32(uint64_t a, int64_t i, uint v) { Memory32(element(a, i, 4)).value = v; }
void store_b64(uint64_t a, int64_t i, uint64_t v) { Memory64(element(a, i, 8)).value = v; }
void store_f32(uint64_t a, int64_t i, float v) { MemoryFloat(element(a, i, 4)).value = v; }
void store_f64(uint64_t a, int64_t i, double v) { MemoryDouble(element(a, i, 8)).value = v; }
void store_f16(uint64_t a, int64_t i, float v) {
  store_b16(a, i, float_to_half_bits(floatBitsToUint(v)));
}
void store_bf16(uint64_t a, int64_t i, float v) {
  store_b16(a, i, float_to_bfloat_bits(floatBitsToUint(v)));
}
void store_i32(uint64_t a, int64_t i, int v) { MemoryInt(element(a, i, 4)).value = v; }
void store_i64(uint64_t a, int64_t i, int64_t v) { MemoryInt64(element(a, i, 8)).value = v; }
void store_u8(uint64_t a, int64_t i, int v) { store_b8(a, i, uint(v) & 0xFFu); }
void store_bool(uint64_t a, int64_t i, int v) { store_b8(a, i, v != 0 ? 1u : 0u); }

// ---- Elements as bits: several of them in a word -----------------------------------------------

// 1, 2, 4 or 8 bytes; the address is a multiple of that.
uint64_t load_word(uint64_t address, uint bytes) {
  if (bytes == 1) return uint64_t(load_b8(address, 0));
  if (bytes == 2) return uint64_t(load_b16(address, 0));
  return bytes == 4 ? uint64_t(load_b32(address, 0)) : load_b64(address, 0);
}
void store_word(uint64_t address, uint bytes, uint64_t word) {
  if (bytes == 1) {
    store_b8(address, 0, uint(word));
  } else if (bytes == 2) {
    store_b16(address, 0, uint(word));
  } else if (bytes == 4) {
    store_b32(address, 0, uint(word));
  } else {
    store_b64(address, 0, word);
  }
}

uint of_bits_b8(uint64_t b) { return uint(b) & 0xFFu; }
uint of_bits_b16(uint64_t b) { return uint(b) & 0xFFFFu; }
uint of_bits_b32(uint64_t b) { return uint(b); }
uint64_t of_bits_b64(uint64_t b) { return b; }
float of_bits_f32(uint64_t b) { return uintBitsToFloat(uint(b)); }
double of_bits_f64(uint64_t b) { return packDouble2x32(uvec2(uint(b), uint(b >> 32))); }
float of_bits_f16(uint64_t b) { return uintBitsToFloat(half_to_float_bits(of_bits_b16(b))); }
float of_bits_bf16(uint64_t b) { return uintBitsToFloat(bfloat_to_float_bits(of_bits_b16(b))); }
int of_bits_i32(uint64_t b) { return int(uint(b)); }
int64_t of_bits_i64(uint64_t b) { return int64_t(b); }
int of_bits_u8(uint64_t b) { return int(of_bits_b8(b)); }
int of_bits_bool(uint64_t b) { return int(of_bits_b8(b)); }

uint64_t bits_of_b8(uint v) { return uint64_t(v & 0xFFu); }
uint64_t bits_of_b16(uint v) { return uint64_t(v & 0xFFFFu); }
uint64_t bits_of_b32(uint v) { return uint64_t(v); }
uint64_t bits_of_b64(uint64_t v) { return v; }
uint64_t bits_of_f32(float v) { return uint64_t(floatBitsToUint(v)); }
uint64_t bits_of_f64(double v) {
  uvec2 words = unpackDouble2x32(v);
  return uint64_t(words.y) << 32 | uint64_t(words.x);
}
uint64_t bits_of_f16(float v) { return uint64_t(float_to_half_bits(floatBitsToUint(v))); }
uint64_t bits_of_bf16(float v) { return uint64_t(float_to_bfloat_bits(floatBitsToUint(v))); }
uint64_t bits_of_i32(int v) { return uint64_t(uint(v)); }
uint64_t bits_of_i64(int64_t v) { return uint64_t(v); }
uint64_t bits_of_u8(int v) { return uint64_t(uint(v) & 0xFFu); }
uint64_t bits_of_bool(int v) { return uint64_t(v != 0 ? 1u : 0u); }

// ---- Casts -------------------------------------------------------------------------------------

float to_f32(float x) { return x; }
float to_f32(double x) { return float(x); }
float to_f32(int x) { return float(x); }
float to_f32(int64_t x) { return float(x); }

double to_f64(float x) { return double(x); }
double to_f64(double x) { return x; }
double to_f64(int x) { return double(x); }
double to_f64(int64_t x) { return double(x); }

// A float32 that rounds to 16 bits as x does.
float to_odd_float(double x) {
  uvec2 words = unpackDouble2x32(x);
  return uintBitsToFloat(double_to_odd_float_bits(words.x, words.y));
}
float to_odd_float(int x) {
  uint bits = whole_to_odd_float_bits(x < 0 ? 0u - uint(x) : uint(x), 0u);
  return uintBitsToFloat(x < 0 ? bits | 0x80000000u : bits);
}
float to_odd_float(int64_t x) {
  uint64_t magnitude = x < int64_t(0) ? uint64_t(0) - uint64_t(x) : uint64_t(x);
  uint bits = whole_to_odd_float_bits(uint(magnitude), uint(magnitude >> 32));
  return uintBitsToFloat(x < int64_t(0) ? bits | 0x80000000u : bits);
}

float to_f16(float x) { return x; }
float to_f16(double x) { return to_odd_float(x); }
float to_f16(int x) { return to_odd_float(x); }
float to_f16(int64_t x) { return to_odd_float(x); }

float to_bf16(float x) { return x; }
float to_bf16(double x) { return to_odd_float(x); }
float to_bf16(int x) { return to_odd_float(x); }
float to_bf16(int64_t x) { return to_odd_float(x); }

const int64_t kLeastInt64 = -9223372036854775807l - 1l;
const int64_t kGreatestInt64 = 9223372036854775807l;

// nan is told by its bits: a driver may take it that there is none.
int64_t to_i64(float x) {
  if ((floatBitsToUint(x) & 0x7FFFFFFFu) > 0x7F800000u) return 0l;
  if (x >= 9223372036854775808.0) return kGreatestInt64;
  if (x < -9223372036854775808.0) return kLeastInt64;
  return int64_t(x);
}
int64_t to_i64(double x) {
  uvec2 words = unpackDouble2x32(x);
  uint high = words.y & 0x7FFFFFFFu;
  if (high > 0x7FF00000u || (high == 0x7FF00000u && words.x != 0u)) return 0l;
  if (x >= 9223372036854775808.0lf) return kGreatestInt64;
  if (x < -9223372036854775808.0lf) return kLeastInt64;
  return int64_t(x);
}
int64_t to_i64(int x) { return int64_t(x); }
int64_t to_i64(int64_t x) { return x; }

int to_i32(float x) { return int(to_i64(x)); }
int to_i32(double x) { return int(to_i64(x)); }
int to_i32(int x) { return x; }
int to_i32(int64_t x) { return int(x); }

int to_u8(float x) { return to_i32(x) & 0xFF; }
int to_u8(double x) { return to_i32(x) & 0xFF; }
int to_u8(int x) { return x & 0xFF; }
int to_u8(int64_t x) { return int(x) & 0xFF; }

// By bits: nan and denormals are != 0.
int to_bool(float x) { return (floatBitsToUint(x) & 0x7FFFFFFFu) != 0u ? 1 : 0; }
int to_bool(double x) {
  uvec2 words = unpackDouble2x32(x);
  return (words.x | (words.y & 0x7FFFFFFFu)) != 0u ? 1 : 0;
}
int to_bool(int x) { return x != 0 ? 1 : 0; }
int to_bool(int64_t x) { return x != 0l ? 1 : 0; }

// ---- The dtypes of this shader -----------------------------------------------------------------

#if defined(TYPE_f32)
#define TYPE f32
#elif defined(TYPE_f64)
#define TYPE f64
#elif defined(TYPE_f16)
#define TYPE f16
#elif defined(TYPE_bf16)
#define TYPE bf16
#elif defined(TYPE_i32)
#define TYPE i32
#elif defined(TYPE_i64)
#define TYPE i64
#elif defined(TYPE_u8)
#define TYPE u8
#elif defined(TYPE_bool)
#define TYPE bool
#elif defined(TYPE_b8)
#define TYPE b8
#elif defined(TYPE_b16)
#define TYPE b16
#elif defined(TYPE_b32)
#define TYPE b32
#elif defined(TYPE_b64)
#define TYPE b64
#endif

#if defined(FROM_f32)
#define FROM f32
#elif defined(FROM_f64)
#define FROM f64
#elif defined(FROM_f16)
#define FROM f16
#elif defined(FROM_bf16)
#define FROM bf16
#elif defined(FROM_i32)
#define FROM i32
#elif defined(FROM_i64)
#define FROM i64
#elif defined(FROM_u8)
#define FROM u8
#elif defined(FROM_bool)
#define FROM bool
#elif defined(FROM_b8)
#define FROM b8
#elif defined(FROM_b16)
#define FROM b16
#elif defined(FROM_b32)
#define FROM b32
#elif defined(FROM_b64)
#define FROM b64
#endif

#if defined(TO_f32)
#define TO f32
#elif defined(TO_f64)
#define TO f64
#elif defined(TO_f16)
#define TO f16
#elif defined(TO_bf16)
#define TO bf16
#elif defined(TO_i32)
#define TO i32
#elif defined(TO_i64)
#define TO i64
#elif defined(TO_u8)
#define TO u8
#elif defined(TO_bool)
#define TO bool
#elif defined(TO_b8)
#define TO b8
#elif defined(TO_b16)
#define TO b16
#elif defined(TO_b32)
#define TO b32
#elif defined(TO_b64)
#define TO b64
#endif

#ifdef TYPE
#define VALUE OF(VALUE_, TYPE)
#define SIZE OF(SIZE_, TYPE)
#define LOAD(address, index) OF(load_, TYPE)(address, index)
#define STORE(address, index, value) OF(store_, TYPE)(address, index, value)
#endif

#endif  // TESSERA_VULKAN_TYPES_GLSL_
