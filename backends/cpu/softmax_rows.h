// SPDX-License-Identifier: Apache-2.0
//
// Softmax and what is near it, for one line of numbers at a time or, where the lines run across the
// rows of a matrix, for a vector of lines at a time.
#ifndef TESSERA_BACKENDS_CPU_SOFTMAX_ROWS_H_
#define TESSERA_BACKENDS_CPU_SOFTMAX_ROWS_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

template <class T>
struct SoftmaxRows {
  // y = softmax(x) or log_softmax(x) of n numbers.
  void (*softmax)(const T* x, int64_t n, bool log, T* y);
  // The gradient for x from that for y.
  void (*softmax_backward)(const T* g, const T* y, int64_t n, bool log, T* gx);
  // The same of `width` lines, whose numbers are `stride` apart.
  void (*softmax_columns)(const T* x, int64_t n, int64_t stride, int64_t width, bool log, T* y);
  void (*softmax_backward_columns)(const T* g, const T* y, int64_t n, int64_t stride, int64_t width,
                                   bool log, T* gx);
  // log(sum(exp(x)))
  T (*logsumexp)(const T* x, int64_t n);
  // gx = scale * exp(x - lse)
  void (*scaled_softmax)(const T* x, int64_t n, T lse, T scale, T* gx);
  // The sum of max(x, 0) - x y + log(1 + exp(-|x|))
  T (*bce)(const T* x, const T* y, int64_t n);
  // gx = scale * (1 / (1 + exp(-x)) - y)
  void (*bce_backward)(const T* x, const T* y, int64_t n, T scale, T* gx);
};

const SoftmaxRows<float>& softmax_rows(float);
const SoftmaxRows<double>& softmax_rows(double);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_SOFTMAX_ROWS_H_
