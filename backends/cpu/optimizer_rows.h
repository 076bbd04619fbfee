// SPDX-License-Identifier: Apache-2.0
//
// One optimizer step over n contiguous parameters. Every element is read before it is written, so
// outputs may be the inputs.
#ifndef TESSERA_BACKENDS_CPU_OPTIMIZER_ROWS_H_
#define TESSERA_BACKENDS_CPU_OPTIMIZER_ROWS_H_

#include <cstddef>
#include <cstdint>

namespace tessera::cpu {

struct SgdStep {
  bool has_momentum, nesterov, maximize, first;
  double lr, momentum, dampening, weight_decay;
};

struct AdamStep {
  bool amsgrad, decoupled, maximize;
  double lr, beta1, beta2, eps, weight_decay;
  double correction1, correction2;  // 1 - beta^step
};

template <class T>
struct OptimizerRows {
  // p, m -> p_out, m_out; m is not looked at without momentum, nor in the first step.
  void (*sgd)(const SgdStep& step, int64_t n, const T* p, const T* g, const T* m, T* p_out,
              T* m_out);
  // state: m, v, [vmax]
  void (*adam)(const AdamStep& step, int64_t n, const T* p, const T* g, const T* const* state,
               T* p_out, T* const* state_out);
};

const OptimizerRows<float>& optimizer_rows(float);
const OptimizerRows<double>& optimizer_rows(double);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_OPTIMIZER_ROWS_H_
