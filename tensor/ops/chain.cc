// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/chain.h"

#include <algorithm>

#include "tessera/backends/elementwise/chain.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/samples.h"

namespace tessera {
namespace {

using elementwise::Chain;
using elementwise::ChainResult;
using elementwise::ChainStep;

bool read(const Attributes& attributes, size_t inputs, Chain* chain) {
  return elementwise::read_chain(attributes.ints.data(), attributes.ints.size(),
                                 static_cast<int64_t>(inputs), chain);
}

absl::Status infer_chain(InferContext& c) {
  Chain chain;
  if (!read(c.attributes(), static_cast<size_t>(c.num_inputs()), &chain)) {
    return c.invalid("the attributes are no chain of ops on ", c.num_inputs(), " inputs");
  }
  const Shape* shape = nullptr;
  for (int i = 0; i < c.num_inputs(); ++i) {
    if (c.input(i).impl().is_immediate) continue;
    if (shape == nullptr) shape = &c.shape(i);
    if (c.shape(i) != *shape) {
      return c.invalid("inputs have shapes ", shape->to_string(), " and ", c.shape(i).to_string());
    }
  }
  if (shape == nullptr) return c.invalid("no input is a tensor");
  DType dtypes[elementwise::kMaxChainSteps];
  for (int64_t s = 0; s < chain.num_steps; ++s) {
    const ChainStep& step = chain.steps[s];
    const ChainResult result = elementwise::chain_result(step.op);
    if (result == ChainResult::kNone) return c.invalid(step.op, " is no elementwise op");
    const int64_t last = step.operands[step.num_operands - 1];
    dtypes[s] = result == ChainResult::kTruth ? kBool
                : last >= 0                   ? c.dtype(static_cast<int>(last))
                                              : dtypes[-1 - last];
  }
  for (int64_t o = 0; o < chain.num_outputs; ++o) {
    c.add_output(dtypes[chain.outputs[o]], *shape);
  }
  return absl::OkStatus();
}

// A number as a tensor of the shape and on the device of `like`.
Tensor filled(const Tensor& number, const Tensor& like) {
  Tensor result =
      value_or_raise(allocate(like.impl().storage->device(), {number.dtype(), like.shape()}));
  result.fill_(number);
  return result;
}

std::vector<Tensor> decompose_chain(TensorRefs inputs, const Attributes& attributes) {
  Chain chain;
  if (!read(attributes, inputs.size(), &chain)) return {};  // infer has refused it
  const Tensor* const like = *std::find_if(inputs.begin(), inputs.end(), [](const Tensor* input) {
    return !input->impl().is_immediate;
  });
  std::vector<Tensor> results;
  results.reserve(static_cast<size_t>(chain.num_steps));
  for (int64_t s = 0; s < chain.num_steps; ++s) {
    const ChainStep& step = chain.steps[s];
    const Tensor* operands[elementwise::kMaxChainOperands];
    for (uint32_t a = 0; a < step.num_operands; ++a) {
      const int64_t operand = step.operands[a];
      operands[a] = operand >= 0 ? inputs[static_cast<size_t>(operand)]
                                 : &results[static_cast<size_t>(-1 - operand)];
    }
    Tensor first;  // an op of numbers alone would not know its shape or device
    if (std::all_of(operands, operands + step.num_operands,
                    [](const Tensor* operand) { return operand->impl().is_immediate; })) {
      first = filled(*operands[0], *like);
      operands[0] = &first;
    }
    results.push_back(dispatch(*find_op(step.op), TensorRefs(operands, step.num_operands)));
  }
  std::vector<Tensor> outputs;
  for (int64_t o = 0; o < chain.num_outputs; ++o) {
    outputs.push_back(results[static_cast<size_t>(chain.outputs[o])]);
  }
  return outputs;
}

struct SampleStep {
  const char* op;
  std::vector<int64_t> operands;
};

Attributes chain_of(const std::vector<SampleStep>& steps, const std::vector<int64_t>& outputs) {
  Attributes a;
  a.ints.push_back(static_cast<int64_t>(steps.size()));
  a.ints.push_back(static_cast<int64_t>(outputs.size()));
  for (int64_t output : outputs) a.ints.push_back(output);
  for (const SampleStep& step : steps) {
    elementwise::append_chain_step(a.ints, step.op, step.operands.data(), step.operands.size());
  }
  return a;
}

std::vector<Sample> chain_samples(const OpDef&) {
  std::vector<Sample> samples;
  const Attributes residual = chain_of({{"mul", {0, 1}}, {"add", {-1, 2}}, {"relu", {-2}}}, {2});
  for (const Shape& shape : {Shape(), Shape{7}, Shape{3, 5}, Shape{0, 3}, Shape{31, 67}}) {
    samples.push_back(sample("Residual" + std::to_string(samples.size()),
                             {arg(shape), arg(shape), arg(shape)}, residual));
  }
  const Attributes two = chain_of({{"exp", {0}}, {"add", {-1, 1}}, {"div", {-1, -2}}}, {1, 2});
  samples.push_back(sample("TwoOutputs", {arg({1031}), arg({1031}, 1, 2)}, two));
  const Attributes masks =
      chain_of({{"gt", {0, 1}}, {"logical_not", {-1}}, {"where", {-2, 0, 1}}}, {1, 2});
  samples.push_back(sample("Masks", {arg({5, 13}), arg({5, 13})}, masks));
  std::vector<SampleStep> many = {{"tanh", {0}}};
  while (many.size() < static_cast<size_t>(elementwise::kMaxChainSteps)) {
    many.push_back({"add", {-static_cast<int64_t>(many.size()), 0}});
  }
  samples.push_back(
      sample("LongestChain", {arg({3001})}, chain_of(many, {elementwise::kMaxChainSteps - 1})));
  for (Sample& s : samples) s.differentiable = false;
  samples.push_back(error_sample("NoChain", {arg({3})}, {1, 1}));
  samples.push_back(error_sample("NoSuchOp", {arg({3})}, chain_of({{"matmul", {0}}}, {0})));
  samples.push_back(error_sample("LaterStep", {arg({3})}, chain_of({{"exp", {-1}}}, {0})));
  samples.push_back(error_sample("Shapes", {arg({3}), arg({2})}, chain_of({{"add", {0, 1}}}, {0})));
  return samples;
}

const OpDef kChain = {.name = "elementwise_chain",
                      .infer = infer_chain,
                      .decompose = decompose_chain,
                      .traits = kElementwise,
                      .samples = chain_samples};

}  // namespace

const OpDef& elementwise_chain_op() { return kChain; }

absl::Span<const OpDef* const> chain_ops() {
  static const OpDef* const kOps[] = {&kChain};
  return kOps;
}

}  // namespace tessera
