// SPDX-License-Identifier: Apache-2.0
//
// backends/random in GLSL, bit for bit: Philox 4x32-10 and what is made of its words. See philox.h
// and normal.h there for sources and contracts.
//
// GLSL and C++ (glsl.h); random_test.cc compares with the C headers.
#ifndef TESSERA_VULKAN_RANDOM_GLSL_
#define TESSERA_VULKAN_RANDOM_GLSL_

struct Words {
  uint x, y, z, w;
};

// Block `block` of the sequence of `seed`.
Words philox_block(uint64_t seed, uint64_t block) {
  uint c0 = uint(block);
  uint c1 = uint(block >> 32);
  uint c2 = 0u;
  uint c3 = 0u;
  uint k0 = uint(seed);
  uint k1 = uint(seed >> 32);
  for (int round_ = 0; round_ < 10; ++round_) {
    uint64_t p0 = uint64_t(0xD2511F53u) * uint64_t(c0);
    uint64_t p1 = uint64_t(0xCD9E8D57u) * uint64_t(c2);
    c0 = uint(p1 >> 32) ^ c1 ^ k0;
    c1 = uint(p1);
    c2 = uint(p0 >> 32) ^ c3 ^ k1;
    c3 = uint(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return Words(c0, c1, c2, c3);
}

// Word `i` of the sequence that begins at block `offset`.
uint random_word(uint64_t seed, uint64_t offset, uint64_t i) {
  Words words = philox_block(seed, offset + (i >> 2));
  uint k = uint(i) & 3u;
  return k == 0u ? words.x : k == 1u ? words.y : k == 2u ? words.z : words.w;
}

// In [0, 1): the top 24 bits.
float uniform_float(uint word) { return float(word >> 8) * (1.0f / 16777216.0f); }

// N(0, 1): the row of the table of normal.h, 4 coefficients a row, and the place in its segment.
struct NormalPlace {
  uint row;
  float t;
};

NormalPlace normal_place(uint word) {
  uint m = word & 0x7FFFFFFFu;
  uint octave = m == 0u ? 31u : uint(30 - findMSB(m));
  uint rest = (m << octave) << 2;
  float t = float(0xFFFFFFu - ((rest >> 4) & 0xFFFFFFu)) * (1.0f / 16777216.0f);
  return NormalPlace(octave * 16u + (rest >> 28), t);
}

// The cubic, its sums and products each rounded; the sign is the word's top bit.
float normal_float(uint word, float t, float c0, float c1, float c2, float c3) {
  precise float x = t * c3;
  x = c2 + x;
  x = t * x;
  x = c1 + x;
  x = t * x;
  x = c0 + x;
  return uintBitsToFloat(floatBitsToUint(x) ^ (word & 0x80000000u));
}

#endif  // TESSERA_VULKAN_RANDOM_GLSL_
