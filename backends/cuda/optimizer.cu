// SPDX-License-Identifier: Apache-2.0
//
// Steps over many tensors in one launch: as many as fit a kernel's arguments.
#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/optimizer.h"
#include "tessera/backends/cuda/strided.h"
#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/elementwise/scalar.h"
#include "tessera/backends/plugin/step_node.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 256;
constexpr uint32_t kChunk = 16 * kThreads;  // elements of a block
constexpr uint32_t kMaxTensors = 48;        // the arguments are below 4 KiB
constexpr uint32_t kMaxStates = 3;

using Roles = plugin::StepRoles;

// The updated tensor `to`, dense, with the old values of `from`.
void* updated(Launcher& launcher, const TsrTensor& from, const TsrTensor& to) {
  if (from.data != to.data || !is_dense(from)) copy_elements(launcher, from, to);
  return to.data;
}

// Dense tensors p, g, state of each parameter, in place.
struct Batch {
  uint32_t tensors = 0;
  int state_count = 0;
  uint32_t first_block[kMaxTensors + 1] = {};
  int64_t elements[kMaxTensors] = {};
  void* parameters[kMaxTensors] = {};
  const void* gradients[kMaxTensors] = {};
  void* states[kMaxStates][kMaxTensors] = {};
};

template <class Rule, class T>
__global__ void __launch_bounds__(kThreads) step_kernel(Batch batch, Rule rule) {
  uint32_t t = 0;
  for (uint32_t end = batch.tensors; end - t > 1;) {
    const uint32_t middle = (t + end) / 2;
    (batch.first_block[middle] <= blockIdx.x ? t : end) = middle;
  }
  using V = elementwise::Real<Computed<T>>;
  T* const p = static_cast<T*>(batch.parameters[t]);
  const T* const g = static_cast<const T*>(batch.gradients[t]);
  const int states = batch.state_count;
  const int64_t begin = int64_t{blockIdx.x - batch.first_block[t]} * kChunk;
  const int64_t end = begin + kChunk < batch.elements[t] ? begin + kChunk : batch.elements[t];
  for (int64_t i = begin + threadIdx.x; i < end; i += kThreads) {
    V parameter(load(p[i]));
    V state[kMaxStates];
    for (int s = 0; s < Rule::kMaxStates; ++s) {
      if (s < states) state[s] = V(load(static_cast<const T*>(batch.states[s][t])[i]));
    }
    rule.apply(parameter, V(load(g[i])), state);
    p[i] = store<T>(parameter.value);
    for (int s = 0; s < Rule::kMaxStates; ++s) {
      if (s < states) static_cast<T*>(batch.states[s][t])[i] = store<T>(state[s].value);
    }
  }
}

// Gathers tensors of one dtype until a launch is full.
template <class Rule>
class Batches {
 public:
  Batches(Launcher& launcher, const Rule& rule, uint32_t dtype)
      : launcher_(launcher), rule_(rule), dtype_(dtype) {}

  void add(const TsrNode& node, const Roles& roles, uint32_t i) {
    const int64_t n = element_count(*node.outputs[i]);
    if (n == 0) return;
    const uint32_t t = batch_.tensors++;
    batch_.state_count = static_cast<int>(roles.states);
    batch_.elements[t] = n;
    batch_.parameters[t] = updated(launcher_, roles.input(node, 0, i), roles.output(node, 0, i));
    batch_.gradients[t] = dense_elements(launcher_, roles.input(node, 1, i));
    for (uint32_t s = 0; s < roles.states; ++s) {
      batch_.states[s][t] =
          updated(launcher_, roles.input(node, 2 + s, i), roles.output(node, 1 + s, i));
    }
    batch_.first_block[t + 1] =
        batch_.first_block[t] + static_cast<uint32_t>((n + kChunk - 1) / kChunk);
    if (batch_.tensors == kMaxTensors) launch();
  }

  void launch() {
    if (batch_.tensors == 0) return;
    with_floating(dtype_, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      launcher_.launch(step_kernel<Rule, T>, batch_.first_block[batch_.tensors], kThreads, batch_,
                       rule_);
    });
    batch_ = {};
  }

 private:
  Launcher& launcher_;
  const Rule rule_;
  const uint32_t dtype_;
  Batch batch_;
};

template <class Rule>
void run(Launcher& launcher, const TsrNode& node) {
  const Rule rule = elementwise::rule_of<Rule>(node.ints + 1, node.doubles);
  const Roles roles = plugin::step_roles<Rule>(node);
  for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64, TSR_FLOAT16, TSR_BFLOAT16}) {
    Batches<Rule> batches(launcher, rule, dtype);
    for (uint32_t i = 0; i < roles.n; ++i) {
      if (node.inputs[i]->dtype == dtype) batches.add(node, roles, i);
    }
    batches.launch();
  }
}

#define TESSERA_ENTRY(Rule, name) \
  {#name, make_kernel<plugin::check_step<elementwise::Rule>, run<elementwise::Rule>>()},
constexpr KernelEntry kEntries[] = {TESSERA_OPTIMIZER_STEPS(TESSERA_ENTRY)};
#undef TESSERA_ENTRY

}  // namespace

std::span<const KernelEntry> optimizer_kernels() { return kEntries; }

}  // namespace tessera::cuda
