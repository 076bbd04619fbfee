// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/elementwise_chain.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "tessera/backends/cpu/elementwise.h"
#include "tessera/backends/cpu/elementwise_operand.h"
#include "tessera/backends/elementwise/chain.h"

namespace tessera::cpu {
namespace {

using elementwise::Chain;
using elementwise::ChainStep;
using elementwise::kMaxChainInputs;
using elementwise::kMaxChainOperands;
using elementwise::kMaxChainSteps;

constexpr size_t kMaxBuffers = kMaxChainInputs + kMaxChainSteps;
constexpr size_t kBufferBytes =
    32 << 10;  // of all buffers: with the operands in the first-level cache
constexpr int64_t kMostPerTile = 1024;
constexpr size_t kGrain = 16 << 10;  // elements

// Looked up once for each name.
const ElementwiseOp* op_named(std::string_view name) {
  static const auto& all = *[] {
    auto* map = new std::unordered_map<std::string_view, ElementwiseOp>;
    for (const KernelEntry& entry : elementwise_kernels()) {
      map->emplace(entry.op, find_elementwise(entry.op));
    }
    return map;
  }();
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

struct Step {
  TileKernel kernel;
  uint32_t inputs;
  const int64_t* operands;  // as in ChainStep
};

// A chain on its way over [begin, end) of the outputs in row-major order.
struct Work {
  int64_t num_inputs, num_steps;
  Operand in[kMaxChainInputs];
  Step steps[kMaxChainSteps];
  char* out[kMaxChainSteps];  // where a step's results go; null: into a buffer
  size_t out_item[kMaxChainSteps];
  int buffer_of_input[kMaxChainInputs];  // -1: none is needed
  int buffer_of_step[kMaxChainSteps];
  int64_t tile;  // elements; of each buffer, too, of 8 bytes

  void run(int64_t begin, int64_t end) const {
    alignas(64) char buffers[kBufferBytes];
    const void* operands[kMaxChainInputs];
    auto buffer = [&](int index) { return buffers + index * tile * 8; };
    for (int64_t i = 0; i < num_inputs; ++i) {
      if (in[i].access != Access::kSingle) continue;
      in[i].fill(std::min(tile, end - begin), buffer(buffer_of_input[i]));
      operands[i] = buffer(buffer_of_input[i]);
    }
    for (int64_t p = begin; p < end; p += tile) {
      const int64_t n = std::min(tile, end - p);
      for (int64_t i = 0; i < num_inputs; ++i) {
        if (in[i].access == Access::kSingle) continue;
        char* const packed = buffer_of_input[i] < 0 ? nullptr : buffer(buffer_of_input[i]);
        operands[i] = in[i].fetch(p, n, packed, nullptr);
      }
      const void* results[kMaxChainSteps];
      for (int64_t s = 0; s < num_steps; ++s) {
        const Step& step = steps[s];
        const void* arguments[kMaxChainOperands];
        for (uint32_t a = 0; a < step.inputs; ++a) {
          const int64_t operand = step.operands[a];
          arguments[a] = operand >= 0 ? operands[operand] : results[-1 - operand];
        }
        char* const y = out[s] != nullptr ? out[s] + p * static_cast<int64_t>(out_item[s])
                                          : buffer(buffer_of_step[s]);
        step.kernel(arguments, y, static_cast<size_t>(n));
        results[s] = y;
      }
    }
  }
};

// Fills in the steps and the outputs' dtypes. TSR_UNIMPLEMENTED for what no kernel computes.
TsrStatus resolve(const TsrNode& node, const Chain& chain, Step* steps, uint32_t* dtypes,
                  TsrMessage* message) {
  for (int64_t s = 0; s < chain.num_steps; ++s) {
    const ChainStep& step = chain.steps[s];
    const ElementwiseOp* op = op_named(step.op);
    if (op == nullptr || op->tiles == nullptr || op->inputs != step.num_operands) {
      return unsupported(node, "step", message);
    }
    auto dtype_of = [&](uint32_t a) {
      const int64_t operand = step.operands[a];
      return operand >= 0 ? node.inputs[operand]->dtype : dtypes[-1 - operand];
    };
    const uint32_t dtype = dtype_of(op->inputs - 1);
    bool fits = dtype < kDtypeCount && !is_half(dtype) && op->tiles->kernels[dtype] != nullptr;
    for (uint32_t a = 0; a < op->inputs; ++a) {
      fits = fits && dtype_of(a) == (op->bool_condition && a == 0 ? uint32_t{TSR_BOOL} : dtype);
    }
    if (!fits) return unsupported(node, "combination of dtypes", message);
    steps[s] = {op->tiles->kernels[dtype], op->inputs, step.operands};
    dtypes[s] = op->to_bool ? uint32_t{TSR_BOOL} : dtype;
  }
  return TSR_OK;
}

TsrStatus read(const TsrNode& node, Chain* chain, Step* steps, uint32_t* dtypes,
               TsrMessage* message) {
  if (node.n_doubles != 0 || node.n_inputs > kMaxChainInputs ||
      !elementwise::read_chain(node.ints, node.n_ints, node.n_inputs, chain) ||
      node.n_outputs != chain->num_outputs) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(resolve(node, *chain, steps, dtypes, message));
  for (int64_t o = 0; o < chain->num_outputs; ++o) {
    if (node.outputs[o]->dtype != dtypes[chain->outputs[o]]) {
      return unsupported(node, "dtype of an output", message);
    }
  }
  return TSR_OK;
}

TsrStatus launch(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  Chain chain;
  Work work;
  uint32_t dtypes[kMaxChainSteps];
  TESSERA_PLUGIN_RETURN_IF_ERROR(read(*node, &chain, work.steps, dtypes, message));
  const TsrTensor& y = *node->outputs[0];
  const int64_t n = element_count(y);
  if (n == 0) return TSR_OK;
  work.num_inputs = node->n_inputs;
  work.num_steps = chain.num_steps;
  int buffers = 0;
  for (int64_t i = 0; i < work.num_inputs; ++i) {
    const TsrTensor& x = *node->inputs[i];
    work.in[i] = Operand(x, y, access_of(x, y), nullptr);
    work.buffer_of_input[i] = work.in[i].access == Access::kLinear ? -1 : buffers++;
  }
  for (int64_t s = 0; s < chain.num_steps; ++s) {
    work.out[s] = nullptr;
    for (int64_t o = 0; o < chain.num_outputs; ++o) {
      if (chain.outputs[o] != s) continue;
      work.out[s] = data_of<char>(*node->outputs[o]);
      work.out_item[s] = item_size(dtypes[s]);
    }
    work.buffer_of_step[s] = work.out[s] != nullptr ? -1 : buffers++;
  }
  static_assert(kBufferBytes / (kMaxBuffers * 8) >= 64);
  work.tile = kMostPerTile;
  if (buffers > 0) {
    const int64_t most = static_cast<int64_t>(kBufferBytes) / (8 * buffers) / 64 * 64;
    work.tile = std::min(kMostPerTile, most);
  }
  pool_of(stream).ranges(
      static_cast<size_t>(n), kGrain,
      [&](size_t begin, size_t end) {
        work.run(static_cast<int64_t>(begin), static_cast<int64_t>(end));
      },
      kMostPerTile);
  return TSR_OK;
}

TsrStatus supports(TsrDevice*, const TsrNode* node, TsrMessage* message) {
  Chain chain;
  Step steps[kMaxChainSteps];
  uint32_t dtypes[kMaxChainSteps];
  return read(*node, &chain, steps, dtypes, message);
}

}  // namespace

std::span<const KernelEntry> elementwise_chain_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"elementwise_chain", {sizeof(TsrKernel), launch, supports}}};
  return kKernels;
}

}  // namespace tessera::cpu
