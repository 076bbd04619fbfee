// SPDX-License-Identifier: Apache-2.0
//
// One optimizer step as a graph (trace.h): the same for the build, which prints it, and for the
// kernel, which finds the variant and the constants of a node by it.
#ifndef TESSERA_BACKENDS_VULKAN_OPTIMIZER_TRACE_H_
#define TESSERA_BACKENDS_VULKAN_OPTIMIZER_TRACE_H_

#include <vector>

#include "tessera/backends/elementwise/optimizer.h"
#include "tessera/backends/vulkan/trace.h"

namespace tessera::vulkan {

// Inputs are p, g and the states; results p and the states.
struct OptimizerTrace {
  template <class Rule>
  explicit OptimizerTrace(const Rule& rule) {
    Value p = trace.input(), g = trace.input(), states[Rule::kMaxStates];
    for (int i = 0; i < rule.states(); ++i) states[i] = trace.input();
    rule.apply(p, g, states);
    results.push_back(p.step());
    for (int i = 0; i < rule.states(); ++i) results.push_back(states[i].step());
    plan = plan_of(trace, results);
  }

  // Number k of the shader's constants.
  double constant(size_t k) const { return trace.steps()[plan.constants[k]].constant; }

  Trace trace;
  std::vector<int> results;
  Plan plan;
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_OPTIMIZER_TRACE_H_
