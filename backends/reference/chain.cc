// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/elementwise/chain.h"

#include <memory>
#include <string_view>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

const Kernel* kernel_of(std::string_view op) {
  static const Kernels& kernels = *new Kernels(elementwise_kernels());
  const Kernel* found = nullptr;
  for (const Kernel& kernel : kernels) {
    // The first is the one that backend.cc finds.
    if (found == nullptr && op == kernel.op) found = &kernel;
  }
  return found;
}

// Results of steps, each dense.
struct Results {
  std::vector<std::unique_ptr<char[]>> memory;
  std::vector<TsrTensor> tensors;
};

// elementwise_chain: its ops one after another, each rounded to its dtype.
Result chain(const Call& call) {
  elementwise::Chain chain;
  if (!elementwise::read_chain(call.integers(), static_cast<size_t>(call.n_integers()),
                               call.n_inputs(), &chain) ||
      chain.num_outputs != call.n_outputs()) {
    return {TSR_UNIMPLEMENTED, "no chain"};
  }
  const TsrTensor& y = call.output(0);
  int64_t count = 1;
  std::vector<int64_t> strides(y.rank);
  for (uint32_t k = y.rank; k-- > 0;) {
    strides[k] = count;
    count *= y.shape[k];
  }
  Results results;
  results.tensors.reserve(static_cast<size_t>(chain.num_steps));
  for (int64_t s = 0; s < chain.num_steps; ++s) {
    const elementwise::ChainStep& step = chain.steps[s];
    const Kernel* kernel = kernel_of(step.op);
    if (kernel == nullptr || kernel->min_inputs != static_cast<int>(step.num_operands)) {
      return {TSR_UNIMPLEMENTED, step.op};
    }
    const TsrTensor* operands[elementwise::kMaxChainOperands];
    for (uint32_t a = 0; a < step.num_operands; ++a) {
      const int64_t operand = step.operands[a];
      operands[a] = operand >= 0 ? &call.input(static_cast<int>(operand))
                                 : &results.tensors[static_cast<size_t>(-1 - operand)];
    }
    const bool truth = elementwise::chain_result(step.op) == elementwise::ChainResult::kTruth;
    TsrTensor result = {};
    result.struct_size = sizeof(TsrTensor);
    result.dtype = truth ? uint32_t{TSR_BOOL} : operands[step.num_operands - 1]->dtype;
    result.rank = y.rank;
    result.shape = y.shape;
    result.strides = strides.data();
    results.memory.push_back(
        std::make_unique<char[]>(static_cast<size_t>(count * item_size(result.dtype)) + 1));
    result.data = results.memory.back().get();
    results.tensors.push_back(result);
    const TsrTensor* out = &results.tensors.back();
    TsrNode node = {};
    node.struct_size = sizeof(TsrNode);
    node.op = step.op;
    node.inputs = operands;
    node.n_inputs = step.num_operands;
    node.outputs = &out;
    node.n_outputs = 1;
    if (Result r = kernel->compute(Call(node)); r.code != TSR_OK) return r;
  }
  for (int64_t o = 0; o < chain.num_outputs; ++o) {
    const View from(results.tensors[static_cast<size_t>(chain.outputs[o])]);
    const View to = call.out(static_cast<int>(o));
    with_number(to.dtype(), [&]<class N>(N) { store_values(to, values_of<N>(from)); });
  }
  return {};
}

}  // namespace

Kernels chain_kernels() { return {{"elementwise_chain", chain, 1, kAny, kAny, kAny, 0}}; }

}  // namespace tessera::reference
