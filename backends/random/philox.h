// SPDX-License-Identifier: Apache-2.0
//
// Philox 4x32-10: 128 random bits from a 128-bit counter and a 64-bit key, without state.
// C99, for plugins.
//   source: Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (2011)
//
//   uint32_t word[4];
//   tessera_philox_block(seed, offset + i / 4, word);
//   word[i % 4];                         // element i of random_bits
//   tessera_uniform_float32(word[i % 4]);  // element i of random_uniform, float32
#ifndef TESSERA_BACKENDS_RANDOM_PHILOX_H_
#define TESSERA_BACKENDS_RANDOM_PHILOX_H_

#include <stdint.h>

#if defined(__CUDACC__)
#define TESSERA_RANDOM_FN static __host__ __device__ __forceinline__
#else
#define TESSERA_RANDOM_FN static inline
#endif

#define TESSERA_PHILOX_MULTIPLIER_0 UINT32_C(0xD2511F53)
#define TESSERA_PHILOX_MULTIPLIER_1 UINT32_C(0xCD9E8D57)
#define TESSERA_PHILOX_WEYL_0 UINT32_C(0x9E3779B9)
#define TESSERA_PHILOX_WEYL_1 UINT32_C(0xBB67AE85)

// out: 4 words
TESSERA_RANDOM_FN void tessera_philox4x32(const uint32_t counter[4], const uint32_t key[2],
                                          uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = (uint64_t)TESSERA_PHILOX_MULTIPLIER_0 * c0;
    const uint64_t p1 = (uint64_t)TESSERA_PHILOX_MULTIPLIER_1 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += TESSERA_PHILOX_WEYL_0;
    k1 += TESSERA_PHILOX_WEYL_1;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// Block `block` of the sequence of `seed`: counter (block low, block high, 0, 0), key (low, high).
TESSERA_RANDOM_FN void tessera_philox_block(uint64_t seed, uint64_t block, uint32_t out[4]) {
  const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), 0, 0};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  tessera_philox4x32(counter, key, out);
}

// In [0, 1), a multiple of 2^-24.
TESSERA_RANDOM_FN float tessera_uniform_float32(uint32_t word) {
  return (float)(word >> 8) * (1.0f / 16777216.0f);
}

// In [0, 1), a multiple of 2^-53.
TESSERA_RANDOM_FN double tessera_uniform_float64(uint32_t low, uint32_t high) {
  const uint64_t bits = ((uint64_t)high << 32) | low;
  return (double)(bits >> 11) * (1.0 / 9007199254740992.0);
}

#endif  // TESSERA_BACKENDS_RANDOM_PHILOX_H_
