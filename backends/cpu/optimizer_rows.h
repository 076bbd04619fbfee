// SPDX-License-Identifier: Apache-2.0
//
// One optimizer step over n contiguous parameters. Every element is read before it is written, so
// outputs may be the inputs.
#ifndef TESSERA_BACKENDS_CPU_OPTIMIZER_ROWS_H_
#define TESSERA_BACKENDS_CPU_OPTIMIZER_ROWS_H_

#include <cstddef>
#include <cstdint>

#include "tessera/backends/elementwise/list.h"

namespace tessera::cpu {

enum class OptimizerRule {
#define TESSERA_RULE(Rule, name) k##Rule,
  TESSERA_OPTIMIZER_STEPS(TESSERA_RULE)
#undef TESSERA_RULE
};

// in: p, g, states; out: p, states. `ints` begin after the number of parameters.
template <class T>
using OptimizerRows = void (*)(const int64_t* ints, const double* doubles, int64_t n,
                               const T* const* in, T* const* out);

OptimizerRows<float> optimizer_rows(OptimizerRule rule, float);
OptimizerRows<double> optimizer_rows(OptimizerRule rule, double);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_OPTIMIZER_ROWS_H_
