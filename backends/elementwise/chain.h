// SPDX-License-Identifier: Apache-2.0
//
// How a chain of elementwise ops stands in the integer attributes of one node, "elementwise_chain":
//
//   steps, outputs, the step that each output is of (outputs numbers), then for each step
//     its op's name in 3 numbers (8 characters each, little endian, padded with zeros),
//     the number of its operands (1 to 3), and each operand: i >= 0 is the node's input i,
//     -1 - s the result of an earlier step s
//
// Every result and input has the outputs' shape; inputs may be immediates or have strides of 0.
#ifndef TESSERA_BACKENDS_ELEMENTWISE_CHAIN_H_
#define TESSERA_BACKENDS_ELEMENTWISE_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "tessera/backends/elementwise/list.h"

namespace tessera::elementwise {

inline constexpr int64_t kMaxChainSteps = 24;
inline constexpr int64_t kMaxChainInputs = 16;
inline constexpr int64_t kMaxChainOutputs = 4;
inline constexpr size_t kChainNameWords = 3;
inline constexpr uint32_t kMaxChainOperands = 3;

struct ChainStep {
  char op[kChainNameWords * 8 + 1] = {};  // NUL-terminated
  uint32_t num_operands = 0;
  int64_t operands[kMaxChainOperands] = {};
};

struct Chain {
  int64_t num_steps = 0, num_outputs = 0;
  ChainStep steps[kMaxChainSteps];
  int64_t outputs[kMaxChainOutputs] = {};  // steps
};

// Appends a step's numbers to `ints`, which has push_back. The name has at most 24 characters.
template <class Ints>
void append_chain_step(Ints& ints, std::string_view op, const int64_t* operands, size_t count) {
  char name[kChainNameWords * 8] = {};
  std::memcpy(name, op.data(), op.size() < sizeof name ? op.size() : sizeof name);
  for (size_t w = 0; w < kChainNameWords; ++w) {
    int64_t word;
    std::memcpy(&word, name + 8 * w, 8);
    ints.push_back(word);
  }
  ints.push_back(static_cast<int64_t>(count));
  for (size_t i = 0; i < count; ++i) ints.push_back(operands[i]);
}

// False unless `ints` is well-formed: within the limits, every operand an input or an earlier step,
// every output a step.
inline bool read_chain(const int64_t* ints, size_t n, int64_t num_inputs, Chain* chain) {
  const int64_t* const end = ints + n;
  if (n < 2) return false;
  chain->num_steps = *ints++;
  chain->num_outputs = *ints++;
  if (chain->num_steps < 1 || chain->num_steps > kMaxChainSteps || chain->num_outputs < 1 ||
      chain->num_outputs > kMaxChainOutputs || num_inputs > kMaxChainInputs ||
      end - ints < chain->num_outputs) {
    return false;
  }
  for (int64_t o = 0; o < chain->num_outputs; ++o) {
    chain->outputs[o] = *ints++;
    if (chain->outputs[o] < 0 || chain->outputs[o] >= chain->num_steps) return false;
  }
  for (int64_t s = 0; s < chain->num_steps; ++s) {
    ChainStep& step = chain->steps[s];
    if (end - ints < static_cast<std::ptrdiff_t>(kChainNameWords) + 1) return false;
    std::memcpy(step.op, ints, kChainNameWords * 8);
    step.op[kChainNameWords * 8] = '\0';
    ints += kChainNameWords;
    const int64_t count = *ints++;
    if (count < 1 || count > kMaxChainOperands || end - ints < count) return false;
    step.num_operands = static_cast<uint32_t>(count);
    for (int64_t i = 0; i < count; ++i) {
      step.operands[i] = *ints++;
      if (step.operands[i] >= num_inputs || step.operands[i] < -s) return false;
    }
  }
  return ints == end;
}

// What an elementwise op makes of its operands' dtype.
enum class ChainResult {
  kNone,   // not an op of the lists: it cannot be in a chain
  kSame,   // that of its last operand
  kTruth,  // bool
};

inline ChainResult chain_result(std::string_view op) {
#define TESSERA_CHAIN_SAME(Type, name, ...) \
  if (op == #name) return ChainResult::kSame;
#define TESSERA_CHAIN_TRUTH(Type, name, ...) \
  if (op == #name) return ChainResult::kTruth;
  TESSERA_UNARY_OPS(TESSERA_CHAIN_SAME)
  TESSERA_BINARY_OPS(TESSERA_CHAIN_SAME)
  TESSERA_TERNARY_OPS(TESSERA_CHAIN_SAME)
  TESSERA_PREDICATE_OPS(TESSERA_CHAIN_TRUTH)
  TESSERA_COMPARE_OPS(TESSERA_CHAIN_TRUTH)
  TESSERA_LOGICAL_OPS(TESSERA_CHAIN_TRUTH)
  TESSERA_LOGICAL_UNARY_OPS(TESSERA_CHAIN_TRUTH)
#undef TESSERA_CHAIN_SAME
#undef TESSERA_CHAIN_TRUTH
  return op == "where" ? ChainResult::kSame : ChainResult::kNone;
}

}  // namespace tessera::elementwise

#endif  // TESSERA_BACKENDS_ELEMENTWISE_CHAIN_H_
