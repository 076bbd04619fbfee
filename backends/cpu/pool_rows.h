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
  // y (rows, n) = relu of the maxima of x + bias, and the place (0 to 3) of each first maximum, or
  // 255 where y is 0. x's rows stand `pitch` apart; a vector behind its last element is read.
  void (*forward_relu)(const float* x, int64_t pitch, int64_t rows, int64_t n, float bias, float* y,
                       uint8_t* place);
  // Each of g (n) to its place in rows to_top and to_bottom; what is no place of it becomes 0.
  void (*backward_places)(const float* g, const uint8_t* place, float* to_top, float* to_bottom,
                          int64_t n);
};

const PoolRows& pool_rows();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_POOL_ROWS_H_
