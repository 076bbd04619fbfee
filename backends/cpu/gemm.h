// SPDX-License-Identifier: Apache-2.0
//
// Matrix products of float32 and float64, for one thread. The order in which an element's products
// are added depends on k alone, so any division of c among threads gives the same bits.
#ifndef TESSERA_BACKENDS_CPU_GEMM_H_
#define TESSERA_BACKENDS_CPU_GEMM_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

// c (m, n) = a (m, k) b (k, n) + bias (n), or c += that. Strides are in elements and may be
// anything; c's columns are contiguous.
template <class T>
struct Gemm {
  int64_t m, n, k;
  const T* a;
  int64_t a_row, a_column;
  const T* b;
  int64_t b_row, b_column;
  T* c;
  int64_t c_row;
  const T* bias;  // or null
  bool add;       // adds to c, which holds numbers already
};

template <class T>
struct GemmKernels {
  // Rows and columns of c that are computed together; c is best divided at their multiples.
  int64_t rows, columns;
  // Bytes of scratch memory that `run` wants for a part of `columns` columns; may be 0.
  size_t (*scratch_bytes)(const Gemm<T>& gemm, int64_t columns);
  // Computes rows [m0, m1) of columns [n0, n1).
  void (*run)(const Gemm<T>& gemm, int64_t m0, int64_t m1, int64_t n0, int64_t n1, void* scratch);
  // For products that are run many times with one b: b as strips of `columns` columns, each (k,
  // columns) and filled up with zeros, and c = a b of rows [m0, m1) with it. gemm.b is not read;
  // bias and add hold.
  void (*pack_strips)(const Gemm<T>& gemm, T* strips);
  void (*run_strips)(const Gemm<T>& gemm, int64_t m0, int64_t m1, const T* strips);
  // Copies b (k, columns) to rows of `width` elements; what is beyond `columns` is 0.
  void (*pack)(const T* b, int64_t b_row, int64_t b_column, int64_t k, int64_t columns, T* to,
               int64_t width);
};

const GemmKernels<float>& gemm_kernels(float);
const GemmKernels<double>& gemm_kernels(double);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_GEMM_H_
