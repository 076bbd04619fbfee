// SPDX-License-Identifier: Apache-2.0
//
// Many blocks of Philox 4x32-10 at a time: the numbers of backends/random/philox.h.
#ifndef TESSERA_BACKENDS_CPU_PHILOX_ROWS_H_
#define TESSERA_BACKENDS_CPU_PHILOX_ROWS_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

// words[4 * i .. 4 * i + 4) = block `first + i` of the sequence of `seed`, for i in [0, n).
void philox_blocks(uint64_t seed, uint64_t first, size_t n, uint32_t* words);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_PHILOX_ROWS_H_
