// SPDX-License-Identifier: Apache-2.0
//
// The innermost loops of reductions.
#ifndef TESSERA_BACKENDS_CPU_REDUCE_ROWS_H_
#define TESSERA_BACKENDS_CPU_REDUCE_ROWS_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

enum class Reduction { kSum, kProd, kMax, kMin };

struct ReduceKernels {
  // *y = the reduction of x[0 .. n), n >= 1. Sums go by many lanes, so that rounding errors do not
  // pile up.
  void (*row)(const void* x, size_t n, void* y);
  // y[j] = the reduction of x[i * stride + j] over i in [0, rows), for j in [0, n); rows >= 1.
  // Adds up one row after the other.
  void (*columns)(const void* x, size_t rows, size_t stride, size_t n, void* y);
  // y[j] = op(y[j], x[j])
  void (*combine)(const void* x, size_t n, void* y);
};

// The kernels for a dtype that is computed in itself; bool as uint8.
const ReduceKernels& reduce_kernels(Reduction reduction, uint32_t dtype);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_REDUCE_ROWS_H_
