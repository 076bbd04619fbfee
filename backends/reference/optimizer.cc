// SPDX-License-Identifier: Apache-2.0
//
// Optimizer steps: the rules of backends/elementwise/optimizer.inc on doubles. Inputs are lists of
// n tensors: parameters, gradients, then the rule's states; outputs the same without gradients.
// Every element is read before it is written, so that outputs may be the inputs.
#include "tessera/backends/elementwise/optimizer.h"

#include <string>

#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

template <class Rule>
Result run_step(const Call& call) {
  const int n = static_cast<int>(call.integer(0));
  const Rule rule = elementwise::rule_of<Rule>(call.integers() + 1, call.reals());
  const int states = rule.states();
  if (call.n_inputs() != (2 + states) * n || call.n_outputs() != (1 + states) * n) {
    return {TSR_INVALID_ARGUMENT, "an optimizer step: number of tensors"};
  }
  for (int k = 0; k < n; ++k) {
    for_each_index(call.out(k).shape(), [&](const Index& i) {
      Real p = call.in(k).get<Real>(i), state[Rule::kMaxStates];
      for (int s = 0; s < states; ++s) state[s] = call.in((2 + s) * n + k).get<Real>(i);
      rule.apply(p, call.in(n + k).get<Real>(i), state);
      call.out(k).set(i, p);
      for (int s = 0; s < states; ++s) call.out((1 + s) * n + k).set(i, state[s]);
    });
  }
  return {};
}

template <class Rule>
Kernel step_kernel(const char* op) {
  const elementwise::OptionCounter options = elementwise::count_options<Rule>();
  return {op,
          run_step<Rule>,
          2,
          kAny,
          kAny,
          static_cast<int>(options.ints),
          static_cast<int>(options.doubles)};
}

}  // namespace

Kernels optimizer_kernels() {
#define TESSERA_KERNEL(Rule, name) step_kernel<elementwise::Rule>(#name),
  return {TESSERA_OPTIMIZER_STEPS(TESSERA_KERNEL)};
#undef TESSERA_KERNEL
}

}  // namespace tessera::reference
