// SPDX-License-Identifier: Apache-2.0
//
// random_bits (BITS), random_uniform (UNIFORM) and random_normal (NORMAL): y contiguous. An
// invocation makes one block of four words: four elements, or two of float64 uniforms.
#version 460
#include "common.glsl"
#include "random.glsl"
#include "types.glsl"

// The table of backends/random/normal.h. (As a constant in the shader it keeps lavapipe's compiler
// busy for minutes.)
layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer Table {
  vec4 rows[512];
};

layout(local_size_x = 256) in;

layout(push_constant, scalar) uniform Push {
  uint64_t y, seed, offset;
  Table table;  // NORMAL
  uint count;
}
p;

#if defined(UNIFORM) && defined(TYPE_f64)
const uint kPerBlock = 2;
#else
const uint kPerBlock = 4;
#endif

VALUE element_of(uint word) {
#if defined(BITS)
  return int(word);
#elif defined(NORMAL)
  NormalPlace place = normal_place(word);
  vec4 c = p.table.rows[place.row];
  return VALUE(normal_float(word, place.t, c.x, c.y, c.z, c.w));
#else
  return VALUE(uniform_float(word));
#endif
}

#ifdef TYPE_f64
double wide_uniform(uint low, uint high) {
  uint64_t bits = (uint64_t(high) << 32 | uint64_t(low)) >> 11;
  // Exact: 21 bits and 32 bits.
  return double(uint(bits >> 32)) * 4.76837158203125e-7lf +
         double(uint(bits)) * 1.1102230246251565e-16lf;
}
#endif

void main() {
  uint block = thread_index();
  uint first = block * kPerBlock;
  if (first >= p.count) return;
  Words words = philox_block(p.seed, p.offset + uint64_t(block));
  uint word[4] = {words.x, words.y, words.z, words.w};
  [[unroll]] for (uint k = 0; k < kPerBlock; ++k) {
    if (first + k < p.count) {
#if defined(UNIFORM) && defined(TYPE_f64)
      STORE(p.y, first + k, wide_uniform(word[2 * k], word[2 * k + 1]));
#else
      STORE(p.y, first + k, element_of(word[k]));
#endif
    }
  }
}
