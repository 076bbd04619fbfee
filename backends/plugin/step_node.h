// SPDX-License-Identifier: Apache-2.0
//
// The operands of an optimizer step, whose rule is one of backends/elementwise/optimizer.inc.
#ifndef TESSERA_BACKENDS_PLUGIN_STEP_NODE_H_
#define TESSERA_BACKENDS_PLUGIN_STEP_NODE_H_

#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/elementwise/optimizer.h"
#include "tessera/backends/plugin/kernel.h"

namespace tessera::plugin {

// By role, for each of n parameters: inputs p, g, state...; outputs p, state...
struct StepRoles {
  uint32_t n = 0, states = 0;

  uint32_t inputs() const { return 2 + states; }
  uint32_t outputs() const { return 1 + states; }
  const TsrTensor& input(const TsrNode& node, uint32_t role, uint32_t i) const {
    return *node.inputs[role * n + i];
  }
  const TsrTensor& output(const TsrNode& node, uint32_t role, uint32_t i) const {
    return *node.outputs[role * n + i];
  }
};

template <class Rule>
StepRoles step_roles(const TsrNode& node) {
  const Rule rule = elementwise::rule_of<Rule>(node.ints + 1, node.doubles);
  return {static_cast<uint32_t>(node.ints[0]), static_cast<uint32_t>(rule.states())};
}

// TSR_UNIMPLEMENTED unless the node has the rule's attributes and operands, and the operands of
// each parameter have one floating dtype.
template <class Rule>
TsrStatus check_step(const TsrNode& node, TsrMessage* message) {
  const elementwise::OptionCounter options = elementwise::count_options<Rule>();
  if (node.n_ints != options.ints || node.n_doubles != options.doubles) {
    return unsupported(node, "number of attributes", message);
  }
  const StepRoles roles = step_roles<Rule>(node);
  if (node.n_inputs != roles.inputs() * roles.n || node.n_outputs != roles.outputs() * roles.n) {
    return unsupported(node, "number of operands", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  for (uint32_t i = 0; i < roles.n; ++i) {
    const uint32_t dtype = roles.output(node, 0, i).dtype;
    bool known = is_floating(dtype);
    for (uint32_t r = 0; r < roles.inputs(); ++r) {
      known = known && roles.input(node, r, i).dtype == dtype;
    }
    for (uint32_t r = 0; r < roles.outputs(); ++r) {
      known = known && roles.output(node, r, i).dtype == dtype;
    }
    if (!known) return unsupported(node, "combination of dtypes", message);
  }
  return TSR_OK;
}

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_STEP_NODE_H_
