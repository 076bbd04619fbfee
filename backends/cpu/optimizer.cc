// SPDX-License-Identifier: Apache-2.0
//
// Steps over many tensors at once. Tensors are cut into chunks, which threads share; small tensors
// cost no more than their elements.
#include "tessera/backends/cpu/optimizer.h"

#include "tessera/backends/cpu/optimizer_rows.h"
#include "tessera/backends/cpu/workspace.h"
#include "tessera/backends/elementwise/optimizer.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kChunk = 16 << 10;  // elements that are worth a thread
constexpr int kMaxRoles = 5;          // p, g and up to three of state

// A node's operands by role: inputs p, g, state...; outputs p, state...
struct Roles {
  uint32_t n;
  uint32_t inputs, outputs;  // tensors for each parameter

  const TsrTensor& input(const TsrNode& node, uint32_t role, uint32_t i) const {
    return *node.inputs[role * n + i];
  }
  const TsrTensor& output(const TsrNode& node, uint32_t role, uint32_t i) const {
    return *node.outputs[role * n + i];
  }
};

TsrStatus check_roles(const TsrNode& node, const Roles& roles, TsrMessage* message) {
  if (node.n_inputs != roles.inputs * roles.n || node.n_outputs != roles.outputs * roles.n) {
    return unsupported(node, "number of operands", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  for (uint32_t i = 0; i < roles.n; ++i) {
    const uint32_t dtype = roles.output(node, 0, i).dtype;
    bool known = is_floating(dtype);
    for (uint32_t r = 0; r < roles.inputs; ++r) {
      known = known && roles.input(node, r, i).dtype == dtype;
    }
    for (uint32_t r = 0; r < roles.outputs; ++r) {
      known = known && roles.output(node, r, i).dtype == dtype;
    }
    if (!known) return unsupported(node, "combination of dtypes", message);
  }
  return TSR_OK;
}

template <class T>
void update_tensor(TsrStream* stream, const TsrNode& node, const Roles& roles, uint32_t i,
                   OptimizerRule rule, TsrMessage* message) {
  Workspace work(stream, message);
  const T* in[kMaxRoles];
  T* out[kMaxRoles];
  for (uint32_t r = 0; r < roles.inputs; ++r) in[r] = work.dense<T>(roles.input(node, r, i));
  for (uint32_t r = 0; r < roles.outputs; ++r) out[r] = work.output<T>(roles.output(node, r, i));
  const OptimizerRows<T> rows = optimizer_rows(rule, T());
  pool_of(stream).ranges(
      element_count(roles.output(node, 0, i)), kChunk, [&](size_t begin, size_t end) {
        const T* from[kMaxRoles];
        T* to[kMaxRoles];
        for (uint32_t r = 0; r < roles.inputs; ++r) from[r] = in[r] + begin;
        for (uint32_t r = 0; r < roles.outputs; ++r) to[r] = out[r] + begin;
        rows(node.ints + 1, node.doubles, static_cast<int64_t>(end - begin), from, to);
      });
  work.finish();
}

template <class Rule>
Roles roles_of(const TsrNode& node) {
  const Rule rule = elementwise::rule_of<Rule>(node.ints + 1, node.doubles);
  const uint32_t states = static_cast<uint32_t>(rule.states());
  return {static_cast<uint32_t>(node.ints[0]), 2 + states, 1 + states};
}

template <class Rule>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  const elementwise::OptionCounter options = elementwise::count_options<Rule>();
  if (node.n_ints != options.ints || node.n_doubles != options.doubles) {
    return unsupported(node, "number of attributes", message);
  }
  return check_roles(node, roles_of<Rule>(node), message);
}

template <class Rule, OptimizerRule id>
TsrStatus run(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const Roles roles = roles_of<Rule>(node);
  for (uint32_t i = 0; i < roles.n; ++i) {
    if (roles.output(node, 0, i).dtype == TSR_FLOAT64) {
      update_tensor<double>(stream, node, roles, i, id, message);
    } else {
      update_tensor<float>(stream, node, roles, i, id, message);
    }
  }
  return TSR_OK;
}

#define TESSERA_ENTRY(Rule, name) \
  {#name, make_kernel<check<elementwise::Rule>, run<elementwise::Rule, OptimizerRule::k##Rule>>()},
constexpr KernelEntry kEntries[] = {TESSERA_OPTIMIZER_STEPS(TESSERA_ENTRY)};
#undef TESSERA_ENTRY

}  // namespace

std::span<const KernelEntry> optimizer_kernels() { return kEntries; }

}  // namespace tessera::cpu
