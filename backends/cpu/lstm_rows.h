// SPDX-License-Identifier: Apache-2.0
//
// The cell of a long short-term memory, for one sequence at one step.
#ifndef TESSERA_BACKENDS_CPU_LSTM_ROWS_H_
#define TESSERA_BACKENDS_CPU_LSTM_ROWS_H_

#include <cstdint>

namespace tessera::cpu {

template <class T>
struct LstmRows {
  // activated (4 n: i, f, g, o), the product with the state before, becomes the activated sum of
  // itself and gates (4 n); c (n) and h (n) the next state.
  void (*forward)(int64_t n, const T* gates, T* activated, T* c, T* h);
  // From activated gates, the new and the old c, and the gradients of c and of h (gy + dh): the
  // gradients of the sums that the gates were made of, and of the old c in dc.
  void (*backward)(int64_t n, const T* gates, const T* c, const T* c_before, const T* gy,
                   const T* dh, T* dc, T* dgates);
};

const LstmRows<float>& lstm_rows(float);
const LstmRows<double>& lstm_rows(double);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_LSTM_ROWS_H_
