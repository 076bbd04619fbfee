// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/elementwise.h"

#include <array>
#include <utility>
#include <vector>

#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/vulkan/strided.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kThreads = 256;
constexpr uint32_t kPackFrom = 4096;  // elements; less is not worth a pipeline of its own

uint32_t inputs_of(Form form) {
  switch (form) {
    case Form::kUnary:
    case Form::kPredicate:
    case Form::kLogicalUnary:
      return 1;
    case Form::kTernary:
    case Form::kWhere:
      return 3;
    default:
      return 2;
  }
}

// As elementwise.comp declares it.
template <uint32_t kInputs>
struct Push {
  uint64_t y;
  uint64_t x[kInputs];
  uint32_t count;
  StridedDims<kInputs> dims;
};

const Shader& shader_of(const ElementwiseOp& op, uint32_t dtype) {
  if (op.form != Form::kWhere) return op.shaders[dtype < plugin::kDtypeCount ? dtype : 0];
  return op.shaders[plugin::item_size(dtype)];
}

TsrStatus check(const ElementwiseOp& op, const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = inputs_of(op.form);
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 0, 0, message));
  const TsrTensor& y = *node.outputs[0];
  const uint32_t dtype = node.inputs[inputs - 1]->dtype;
  const bool to_bool = op.form == Form::kPredicate || op.form == Form::kCompare;
  bool known =
      shader_of(op, dtype).words != nullptr && y.dtype == (to_bool ? uint32_t{TSR_BOOL} : dtype);
  for (uint32_t i = 0; i < inputs; ++i) {
    const bool condition = op.form == Form::kWhere && i == 0;
    known = known && node.inputs[i]->dtype == (condition ? uint32_t{TSR_BOOL} : dtype);
  }
  if (!known) return unsupported(node, "combination of dtypes", message);
  if (!is_dense(y)) return unsupported(node, "layout of the output", message);
  return TSR_OK;
}

template <uint32_t kInputs>
void run_with(Recorder& r, const ElementwiseOp& op, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  const uint32_t count = static_cast<uint32_t>(element_count(y));
  if (count == 0) return;
  const Shader& shader = shader_of(op, node.inputs[kInputs - 1]->dtype);
  Push<kInputs> push = {address_of(y), {}, count, {}};
  std::array<const TsrTensor*, kInputs> inputs;
  uint32_t single = 0;
  bool direct = true;  // every input is laid out as y, or one element
  for (uint32_t i = 0; i < kInputs; ++i) {
    inputs[i] = node.inputs[i];
    push.x[i] = r.address(*inputs[i]);
    if (is_immediate(*inputs[i]) || plugin::is_single(*inputs[i])) {
      single |= 1u << i;
    } else {
      direct = direct && is_dense(*inputs[i]);
    }
  }
  if (direct) {
    // Eight bytes of operands for each invocation, if all addresses allow.
    const size_t item = plugin::item_size(node.inputs[kInputs - 1]->dtype);
    const uint32_t packed = static_cast<uint32_t>(8 / item);
    bool pack =
        packed > 1 && count >= kPackFrom && push.y % (packed * plugin::item_size(y.dtype)) == 0;
    for (uint32_t i = 0; i < kInputs; ++i) {
      const size_t bytes = packed * plugin::item_size(inputs[i]->dtype);
      pack = pack && ((single >> i & 1) != 0 || push.x[i] % bytes == 0);
    }
    r.dispatch(shader, {0, single, pack}, push,
               r.groups_for(count, pack ? kThreads * packed : kThreads));
    return;
  }
  const Push<kInputs> whole = push;
  StridedLoop<kInputs>(y, inputs).for_each_part([&](const StridedPart<kInputs>& part) {
    for (uint32_t i = 0; i < kInputs; ++i) {
      push.x[i] = whole.x[i] + part.offsets[i] * plugin::item_size(inputs[i]->dtype);
    }
    push.count = part.count;
    push.dims = part.dims;
    r.dispatch(shader, {part.rank, 0, 0}, push, r.groups_for(part.count, kThreads));
    push.y += uint64_t{part.count} * plugin::item_size(y.dtype);
  });
}

void run(Recorder& r, const ElementwiseOp& op, const TsrNode& node) {
  switch (inputs_of(op.form)) {
    case 1:
      return run_with<1>(r, op, node);
    case 2:
      return run_with<2>(r, op, node);
    default:
      return run_with<3>(r, op, node);
  }
}

template <size_t index>
TsrStatus check_at(const TsrNode& node, TsrMessage* message) {
  return check(elementwise_ops()[index], node, message);
}
template <size_t index>
void run_at(Recorder& r, const TsrNode& node) {
  run(r, elementwise_ops()[index], node);
}

// No fewer than there are ops: some names stand in two lines, for two domains.
#define TESSERA_VULKAN_ONE3(Type, name, domain) +1
#define TESSERA_VULKAN_ONE2(Type, name) +1
constexpr size_t kLines = 1 TESSERA_UNARY_OPS(TESSERA_VULKAN_ONE3)
    TESSERA_PREDICATE_OPS(TESSERA_VULKAN_ONE3) TESSERA_BINARY_OPS(TESSERA_VULKAN_ONE3)
        TESSERA_TERNARY_OPS(TESSERA_VULKAN_ONE3) TESSERA_COMPARE_OPS(TESSERA_VULKAN_ONE2)
            TESSERA_LOGICAL_OPS(TESSERA_VULKAN_ONE2) TESSERA_LOGICAL_UNARY_OPS(TESSERA_VULKAN_ONE2);
#undef TESSERA_VULKAN_ONE2
#undef TESSERA_VULKAN_ONE3

template <size_t... index>
std::vector<KernelEntry> make_entries(std::index_sequence<index...>) {
  const TsrKernel kernels[] = {make_kernel<check_at<index>, run_at<index>>()...};
  std::vector<KernelEntry> entries;
  for (const ElementwiseOp& op : elementwise_ops()) {
    entries.push_back({op.op, kernels[entries.size()]});
  }
  return entries;
}

}  // namespace

std::span<const KernelEntry> elementwise_kernels() {
  static const std::vector<KernelEntry>& entries =
      *new std::vector<KernelEntry>(make_entries(std::make_index_sequence<kLines>()));
  return entries;
}

}  // namespace tessera::vulkan
