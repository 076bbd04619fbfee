// SPDX-License-Identifier: Apache-2.0
//
// What attention does with rows of a tile of scores, with SIMD.
#ifndef TESSERA_BACKENDS_CPU_ATTENTION_ROWS_H_
#define TESSERA_BACKENDS_CPU_ATTENTION_ROWS_H_

#include <cstdint>
#include <limits>

namespace tessera::cpu {

// A softmax of a row that is seen piece by piece: the largest score so far and the sum of the
// exponentials of the differences to it.
template <class T>
struct OnlineSoftmax {
  T largest = -std::numeric_limits<T>::infinity();
  T sum = 0;
};

// What the scores s of one row become: t = scale s + bias, where bias and factors (what dropout
// multiplies weights by) may be null, which stand for zeros and ones. Elements from n to width,
// which the row does not see, become 0.
template <class T>
struct ScoreRow {
  int64_t n, width;
  T scale;
  const T* bias;
  const T* factors;
};

template <class T>
struct AttentionRows {
  // s = exp(t - largest) factors, with the largest of this piece and those before. Returns what
  // sums of the pieces before are to be multiplied by.
  T (*softmax_step)(const ScoreRow<T>& row, T* s, OnlineSoftmax<T>* state);
  // With p = exp(t - lse): s = p factors, dp = p (dp factors - mean) scale.
  void (*gradient)(const ScoreRow<T>& row, T lse, T mean, T* s, T* dp);
  // x *= factor
  void (*scale)(T* x, int64_t n, T factor);
  T (*dot)(const T* a, const T* b, int64_t n);
};

const AttentionRows<float>& attention_rows(float);
const AttentionRows<double>& attention_rows(double);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_ATTENTION_ROWS_H_
