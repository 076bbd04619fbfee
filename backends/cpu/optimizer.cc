// SPDX-License-Identifier: Apache-2.0
//
// Steps over many tensors at once. Tensors are cut into chunks, which threads share; small tensors
// cost no more than their elements. Subnormal numbers count as 0: the means of a weight that no
// longer gets a gradient would end as such and stay.
#include "tessera/backends/cpu/optimizer.h"

#include "tessera/backends/cpu/flush_subnormals.h"
#include "tessera/backends/cpu/optimizer_rows.h"
#include "tessera/backends/cpu/workspace.h"
#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/plugin/step_node.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kChunk = 16 << 10;  // elements that are worth a thread
constexpr int kMaxRoles = 5;          // p, g and up to three of state

using Roles = plugin::StepRoles;

template <class T>
void update_tensor(TsrStream* stream, const TsrNode& node, const Roles& roles, uint32_t i,
                   OptimizerRule rule, TsrMessage* message) {
  Workspace work(stream, message);
  const T* in[kMaxRoles];
  T* out[kMaxRoles];
  for (uint32_t r = 0; r < roles.inputs(); ++r) in[r] = work.dense<T>(roles.input(node, r, i));
  for (uint32_t r = 0; r < roles.outputs(); ++r) out[r] = work.output<T>(roles.output(node, r, i));
  const OptimizerRows<T> rows = optimizer_rows(rule, T());
  pool_of(stream).ranges(
      element_count(roles.output(node, 0, i)), kChunk, [&](size_t begin, size_t end) {
        const T* from[kMaxRoles];
        T* to[kMaxRoles];
        for (uint32_t r = 0; r < roles.inputs(); ++r) from[r] = in[r] + begin;
        for (uint32_t r = 0; r < roles.outputs(); ++r) to[r] = out[r] + begin;
        const FlushSubnormals flush;
        rows(node.ints + 1, node.doubles, static_cast<int64_t>(end - begin), from, to);
      });
  work.finish();
}

template <class Rule, OptimizerRule id>
TsrStatus run(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const Roles roles = plugin::step_roles<Rule>(node);
  for (uint32_t i = 0; i < roles.n; ++i) {
    if (roles.output(node, 0, i).dtype == TSR_FLOAT64) {
      update_tensor<double>(stream, node, roles, i, id, message);
    } else {
      update_tensor<float>(stream, node, roles, i, id, message);
    }
  }
  return TSR_OK;
}

#define TESSERA_ENTRY(Rule, name)                            \
  {#name, make_kernel<plugin::check_step<elementwise::Rule>, \
                      run<elementwise::Rule, OptimizerRule::k##Rule>>()},
constexpr KernelEntry kEntries[] = {TESSERA_OPTIMIZER_STEPS(TESSERA_ENTRY)};
#undef TESSERA_ENTRY

}  // namespace

std::span<const KernelEntry> optimizer_kernels() { return kEntries; }

}  // namespace tessera::cpu
