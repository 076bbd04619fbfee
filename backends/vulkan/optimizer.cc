// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/optimizer.h"

#include <cstring>
#include <string_view>
#include <vector>

#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/plugin/step_node.h"
#include "tessera/backends/vulkan/move.spv.h"
#include "tessera/backends/vulkan/optimizer.spv.h"
#include "tessera/backends/vulkan/optimizer_trace.h"
#include "tessera/backends/vulkan/strided.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;
constexpr uint32_t kChunk = 1024;  // elements of a work group
constexpr uint32_t kMaxConstants = 12;
constexpr uint32_t kMaxInputs = 5;  // p, g and up to three states
constexpr uint32_t kMaxOutputs = 4;

// As optimizer.comp declares them.
struct Row {
  uint32_t first_chunk;
  uint32_t count;
  uint64_t from[kMaxInputs];
  uint64_t to[kMaxOutputs];
};
template <class T>
struct Push {
  uint64_t rows;
  uint32_t row_count;
  uint32_t states;
  T constants[kMaxConstants];
};

// The shaders' variants, by what they compute.
struct Variant {
  std::string_view op;
  uint64_t structure;
  uint32_t number;
};
constexpr Variant kVariants[] = {
#include "backends/vulkan/optimizer_variants.inc"
};

const Variant* find_variant(std::string_view op, uint64_t structure) {
  for (const Variant& variant : kVariants) {
    if (variant.structure == structure && variant.op == op) return &variant;
  }
  return nullptr;
}

using ShaderOf = const Shader& (*)(uint32_t dtype);

// Where a shader finds the elements of x one after another: where they are, or copied to scratch.
uint64_t dense_address(Recorder& r, const TsrTensor& x, bool& copied) {
  if (is_dense(x)) return address_of(x);
  struct {
    uint64_t x, y;
    uint32_t count;
    StridedDims<2> dims;
  } push;
  const size_t item = plugin::item_size(x.dtype);
  int64_t strides[kMaxRank];
  int64_t stride = 1;
  for (uint32_t k = x.rank; k-- > 0; stride *= x.shape[k]) strides[k] = stride;
  TsrTensor y = x;
  y.strides = strides;
  const uint64_t to = r.scratch(static_cast<uint64_t>(element_count(x)) * item);
  StridedLoop<2>(y, {&x, &y}).for_each_part([&](const StridedPart<2>& part) {
    push = {address_of(x) + part.offsets[0] * item, to + part.offsets[1] * item, part.count,
            part.dims};
    r.dispatch(shaders::move(static_cast<uint32_t>(item)), {part.rank}, push,
               r.groups_for(part.count, kThreads));
  });
  copied = true;
  return to;
}

template <class T>
void dispatch_rows(Recorder& r, const Shader& shader, const Variant& variant,
                   const OptimizerTrace& step, const std::vector<Row>& rows, uint32_t chunks) {
  const Slice memory = r.arguments(rows.size() * sizeof(Row));
  std::memcpy(memory.host, rows.data(), rows.size() * sizeof(Row));
  Push<T> push = {memory.address,
                  static_cast<uint32_t>(rows.size()),
                  static_cast<uint32_t>(step.results.size() - 1),
                  {}};
  for (size_t k = 0; k < step.plan.constants.size(); ++k) {
    push.constants[k] = static_cast<T>(step.constant(k));
  }
  r.dispatch(shader, {variant.number}, push, r.groups_for(chunks, 1));
}

template <class Rule, ShaderOf shader_of>
void run(Recorder& r, const TsrNode& node) {
  const Rule rule = elementwise::rule_of<Rule>(node.ints + 1, node.doubles);
  const OptimizerTrace step(rule);
  const Variant* const variant = find_variant(node.op, step.plan.structure);
  // print_ops went through all options of the rules, so this is for those that come later.
  if (variant == nullptr || step.plan.constants.size() > kMaxConstants) {
    Recorder::check(unsupported(node, "combination of options", r.message()));
  }
  const uint32_t n = static_cast<uint32_t>(node.ints[0]);
  const uint32_t outputs = static_cast<uint32_t>(step.results.size());
  std::vector<uint64_t> from(node.n_inputs);
  bool copied = false;
  for (uint32_t i = 0; i < node.n_inputs; ++i) from[i] = dense_address(r, *node.inputs[i], copied);
  if (copied) r.barrier();
  std::vector<Row> rows;
  for (uint32_t dtype : {TSR_FLOAT32, TSR_FLOAT64, TSR_FLOAT16, TSR_BFLOAT16}) {
    rows.clear();
    uint32_t chunks = 0;
    for (uint32_t i = 0; i < n; ++i) {
      const TsrTensor& p = *node.inputs[i];
      const uint32_t count = static_cast<uint32_t>(element_count(p));
      if (p.dtype != dtype || count == 0) continue;
      Row row = {chunks, count, {}, {}};
      for (uint32_t k = 0; k < outputs + 1; ++k) row.from[k] = from[k * n + i];
      for (uint32_t k = 0; k < outputs; ++k) row.to[k] = address_of(*node.outputs[k * n + i]);
      rows.push_back(row);
      chunks += (count + kChunk - 1) / kChunk;
    }
    if (rows.empty()) continue;
    if (dtype == TSR_FLOAT64) {
      dispatch_rows<double>(r, shader_of(dtype), *variant, step, rows, chunks);
    } else {
      dispatch_rows<float>(r, shader_of(dtype), *variant, step, rows, chunks);
    }
  }
}

}  // namespace

std::span<const KernelEntry> optimizer_kernels() {
#define TESSERA_ENTRY(Rule, name)                            \
  {#name, make_kernel<plugin::check_step<elementwise::Rule>, \
                      run<elementwise::Rule, shaders::optimizer_##name>>()},
  static constexpr KernelEntry kKernels[] = {TESSERA_OPTIMIZER_STEPS(TESSERA_ENTRY)};
#undef TESSERA_ENTRY
  return kKernels;
}

}  // namespace tessera::vulkan
