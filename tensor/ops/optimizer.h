// SPDX-License-Identifier: Apache-2.0
//
// One step of an optimizer on many parameters at once, in place. optim/ holds the optimizers.
//
//   lion_step(parameters, gradients, exp_avg, {.lr = 1e-4, .weight_decay = 0.1});
//
// The rules, with their options, states and sources, are in backends/elementwise/optimizer.inc.
// `states` holds the rule's states one after another, each for all parameters: m_1 .. m_n, v_1 ..
// v_n. Parameters and states are updated.
//   shape:  a parameter, its gradient and its states have one shape
//   dtype:  one floating point dtype for all; float16 and bfloat16 are computed in float32
//   errors: kInvalidArgument for lists of different lengths or shapes; kFailedPrecondition if the
//           tape needs a parameter's present value
#ifndef TESSERA_TENSOR_OPS_OPTIMIZER_H_
#define TESSERA_TENSOR_OPS_OPTIMIZER_H_

#include "absl/types/span.h"
#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/elementwise/optimizer.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

using TensorList = absl::Span<const Tensor>;

// void sgd_step(.., const elementwise::SgdStep& rule), adam_step, ..: TESSERA_OPTIMIZER_STEPS
#define TESSERA_DECLARE_STEP(Rule, name)                                    \
  void name(TensorList parameters, TensorList gradients, TensorList states, \
            const elementwise::Rule& rule);
TESSERA_OPTIMIZER_STEPS(TESSERA_DECLARE_STEP)
#undef TESSERA_DECLARE_STEP

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_OPTIMIZER_H_
