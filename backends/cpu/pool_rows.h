// SPDX-License-Identifier: Apache-2.0
//
// Max pooling of 2x2 windows, two apart and without padding, in float32: rows of windows.
#ifndef TESSERA_BACKENDS_CPU_POOL_ROWS_H_
#define TESSERA_BACKENDS_CPU_POOL_ROWS_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

struct PoolRows {
  // y[j] = the maximum of top[2j], top[2j + 1], bottom[2j], bottom[2j + 1]; nan is greatest.
  void (*forward)(const float* top, const float* bottom, float* y, int64_t n);
  // g[j] goes to the place of the first maximum, in that order; the other three places become 0.
  void (*backward)(const float* g, const float* top, const float* bottom, float* to_top,
                   float* to_bottom, int64_t n);
};

const PoolRows& pool_rows();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_POOL_ROWS_H_
