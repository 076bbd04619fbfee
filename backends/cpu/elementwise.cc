// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/elementwise.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/backends/cpu/convert.h"
#include "tessera/backends/cpu/elementwise_operand.h"
#include "tessera/backends/cpu/tiles.h"
#include "tessera/backends/elementwise/list.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kTile = 1024;  // elements; a few operands of float64 fit the first-level cache
constexpr uint32_t kMaxInputs = 3;

// What an op of a family looks like.
struct Form {
  uint32_t inputs;
  bool to_bool;         // else the output has the operands' dtype
  bool bool_condition;  // input 0 is bool, whatever the others are; bits are moved, not computed
};

constexpr Form kUnaryForm = {1, false, false};
constexpr Form kPredicateForm = {1, true, false};
constexpr Form kBinaryForm = {2, false, false};
constexpr Form kTernaryForm = {3, false, false};
constexpr Form kCompareForm = {2, true, false};
constexpr Form kWhereForm = {3, false, true};

// An op and how much work gets a thread of its own.
struct Op {
  Tiles tiles;
  size_t grain;  // elements
};

// One op on its way over [begin, end) of the output in row-major order.
struct Work {
  TileKernel kernel;
  uint32_t inputs;
  Operand in[kMaxInputs];
  char* out;
  size_t out_item;
  ConvertKernel convert_out = nullptr;  // from float32, for the half dtypes

  void run(int64_t begin, int64_t end) const {
    alignas(64) char buffers[kMaxInputs][kTile * 8];
    alignas(64) char raw[kTile * 8];
    alignas(64) char result[kTile * 4];
    const void* operands[kMaxInputs];
    for (uint32_t i = 0; i < inputs; ++i) {
      if (in[i].access != Access::kSingle) continue;
      in[i].fill(std::min(kTile, end - begin), buffers[i]);
      operands[i] = buffers[i];
    }
    for (int64_t p = begin; p < end; p += kTile) {
      const int64_t n = std::min(kTile, end - p);
      for (uint32_t i = 0; i < inputs; ++i) {
        if (in[i].access != Access::kSingle) operands[i] = in[i].fetch(p, n, buffers[i], raw);
      }
      char* const y = out + p * static_cast<int64_t>(out_item);
      if (convert_out == nullptr) {
        kernel(operands, y, n);
      } else {
        kernel(operands, result, n);
        convert_out(result, y, n);
      }
    }
  }
};

TsrStatus check_node(const Op& op, const Form& form, const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, form.inputs, 1, 0, 0, message));
  const TsrTensor& y = *node.outputs[0];
  const uint32_t dtype = node.inputs[form.inputs - 1]->dtype;
  if (y.rank > kMaxRank) [[unlikely]] {
    return unsupported(node, "rank", message);
  }
  const uint32_t kernel_dtype = form.bool_condition ? dtype : compute_dtype(dtype);
  bool known = dtype < kDtypeCount && op.tiles.kernels[kernel_dtype] != nullptr &&
               y.dtype == (form.to_bool ? uint32_t{TSR_BOOL} : dtype);
  for (uint32_t i = 0; i < form.inputs; ++i) {
    known = known &&
            node.inputs[i]->dtype == (form.bool_condition && i == 0 ? uint32_t{TSR_BOOL} : dtype);
  }
  if (!known) [[unlikely]] {
    return unsupported(node, "combination of dtypes", message);
  }
  if (!is_dense(y)) [[unlikely]] {
    return unsupported(node, "layout of the output", message);
  }
  return TSR_OK;
}

// Operands that are not all laid out as the output is, or that need a conversion.
[[gnu::noinline]] void run_tiled(TsrStream* stream, const Op& op, const Form& form,
                                 const TsrNode& node, int64_t n, const Access* access) {
  const TsrTensor& y = *node.outputs[0];
  const uint32_t dtype = node.inputs[form.inputs - 1]->dtype;
  const bool halves = is_half(dtype) && !form.bool_condition;
  Work work;
  work.kernel = op.tiles.kernels[halves ? uint32_t{TSR_FLOAT32} : dtype];
  work.inputs = form.inputs;
  work.out = data_of<char>(y);
  work.out_item = item_size(y.dtype);
  if (halves && !form.to_bool) work.convert_out = find_convert(TSR_FLOAT32, dtype);
  for (uint32_t i = 0; i < form.inputs; ++i) {
    const TsrTensor& x = *node.inputs[i];
    work.in[i] = Operand(x, y, access[i], halves ? find_convert(dtype, TSR_FLOAT32) : nullptr);
  }
  pool_of(stream).ranges(
      n, op.grain, [&](size_t begin, size_t end) { work.run(begin, end); }, kTile);
}

TsrStatus launch_op(TsrStream* stream, const Op& op, const Form& form, const TsrNode& node,
                    TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_node(op, form, node, message));
  const TsrTensor& y = *node.outputs[0];
  const int64_t n = element_count(y);
  if (n == 0) return TSR_OK;
  const uint32_t dtype = node.inputs[form.inputs - 1]->dtype;
  Access access[kMaxInputs];
  bool direct = form.bool_condition || !is_half(dtype);
  for (uint32_t i = 0; i < form.inputs; ++i) {
    access[i] = access_of(*node.inputs[i], y);
    direct = direct && (access[i] == Access::kLinear || n == 1);
  }
  if (!direct) {
    run_tiled(stream, op, form, node, n, access);
    return TSR_OK;
  }
  const TileKernel kernel = op.tiles.kernels[dtype];
  const void* operands[kMaxInputs];
  for (uint32_t i = 0; i < form.inputs; ++i) operands[i] = node.inputs[i]->data;
  if (n < static_cast<int64_t>(2 * op.grain)) {
    kernel(operands, y.data, n);
    return TSR_OK;
  }
  size_t items[kMaxInputs];
  for (uint32_t i = 0; i < form.inputs; ++i) items[i] = item_size(node.inputs[i]->dtype);
  const size_t out_item = item_size(y.dtype);
  pool_of(stream).ranges(
      n, op.grain,
      [&](size_t begin, size_t end) {
        const void* parts[kMaxInputs];
        for (uint32_t i = 0; i < form.inputs; ++i) {
          parts[i] = static_cast<const char*>(operands[i]) + begin * items[i];
        }
        kernel(parts, data_of<char>(y) + begin * out_item, end - begin);
      },
      kTile);
  return TSR_OK;
}

// ---- The table ---------------------------------------------------------------------------------

// An op of an elementwise family in the lists; the same name again is another domain of it.
struct Family {
  Op ops[64];
  size_t count = 0;

  void add(std::span<const Tiles> all) {
    for (const Tiles& tiles : all) {
      Op* op = std::find_if(ops, ops + count, [&](const Op& seen) {
        return std::string_view(seen.tiles.op) == tiles.op;
      });
      if (op == ops + count) {
        ++count;
        *op = {{tiles.op, {}}, grain_of(tiles.op)};
      }
      for (uint32_t dtype = 0; dtype < kDtypeCount; ++dtype) {
        if (tiles.kernels[dtype] != nullptr) op->tiles.kernels[dtype] = tiles.kernels[dtype];
      }
    }
  }

  // Ops that do more than move memory are divided sooner.
  static size_t grain_of(std::string_view name) {
    for (std::string_view costly : {"exp",
                                    "exp2",
                                    "expm1",
                                    "log",
                                    "log2",
                                    "log10",
                                    "log1p",
                                    "sin",
                                    "cos",
                                    "tan",
                                    "asin",
                                    "acos",
                                    "atan",
                                    "sinh",
                                    "cosh",
                                    "tanh",
                                    "erf",
                                    "sigmoid",
                                    "silu",
                                    "gelu",
                                    "gelu_tanh",
                                    "softplus",
                                    "logsigmoid",
                                    "pow",
                                    "remainder",
                                    "fmod",
                                    "floor_divide",
                                    "atan2",
                                    "silu_backward",
                                    "gelu_backward",
                                    "gelu_tanh_backward",
                                    "erfinv",
                                    "mish",
                                    "elu",
                                    "mish_backward",
                                    "elu_backward"}) {
      if (name == costly) return 8 * kTile;
    }
    return 96 * kTile;
  }
};

Family unary_family, predicate_family, binary_family, ternary_family, compare_family,
    logical_family, logical_unary_family, where_family;

template <Family& family, const Form& form, size_t index>
struct Launch {
  static TsrStatus launch(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
    return launch_op(stream, family.ops[index], form, *node, message);
  }
  static TsrStatus supports(TsrDevice*, const TsrNode* node, TsrMessage* message) {
    return check_node(family.ops[index], form, *node, message);
  }
};

template <Family& family, const Form& form, size_t... index>
void add_entries(std::index_sequence<index...>, std::vector<KernelEntry>& entries) {
  const TsrKernel kernels[] = {{sizeof(TsrKernel), Launch<family, form, index>::launch,
                                Launch<family, form, index>::supports}...};
  for (size_t i = 0; i < family.count; ++i) {
    entries.push_back({family.ops[i].tiles.op, kernels[i]});
  }
}

// `lines`: of the family's list, at least as many as ops.
template <Family& family, const Form& form, size_t lines>
void add_family(std::span<const Tiles> tiles, std::vector<KernelEntry>& entries) {
  family.add(tiles);
  add_entries<family, form>(std::make_index_sequence<lines>(), entries);
}

#define TESSERA_CPU_ONE3(Type, name, domain) +1
#define TESSERA_CPU_ONE2(Type, name) +1
constexpr size_t kUnaryLines = 0 TESSERA_UNARY_OPS(TESSERA_CPU_ONE3);
constexpr size_t kPredicateLines = 0 TESSERA_PREDICATE_OPS(TESSERA_CPU_ONE3);
constexpr size_t kBinaryLines = 0 TESSERA_BINARY_OPS(TESSERA_CPU_ONE3);
constexpr size_t kTernaryLines = 0 TESSERA_TERNARY_OPS(TESSERA_CPU_ONE3);
constexpr size_t kCompareLines = 0 TESSERA_COMPARE_OPS(TESSERA_CPU_ONE2);
constexpr size_t kLogicalLines = 0 TESSERA_LOGICAL_OPS(TESSERA_CPU_ONE2);
constexpr size_t kLogicalUnaryLines = 0 TESSERA_LOGICAL_UNARY_OPS(TESSERA_CPU_ONE2);
#undef TESSERA_CPU_ONE2
#undef TESSERA_CPU_ONE3

std::vector<KernelEntry> make_entries() {
  std::vector<KernelEntry> entries;
  add_family<unary_family, kUnaryForm, kUnaryLines>(unary_tiles(), entries);
  add_family<predicate_family, kPredicateForm, kPredicateLines>(predicate_tiles(), entries);
  add_family<binary_family, kBinaryForm, kBinaryLines>(binary_tiles(), entries);
  add_family<ternary_family, kTernaryForm, kTernaryLines>(ternary_tiles(), entries);
  add_family<compare_family, kCompareForm, kCompareLines>(compare_tiles(), entries);
  const std::span<const Tiles> logical = logical_tiles();
  add_family<logical_family, kBinaryForm, kLogicalLines>(logical.first(kLogicalLines), entries);
  add_family<logical_unary_family, kUnaryForm, kLogicalUnaryLines>(logical.subspan(kLogicalLines),
                                                                   entries);
  add_family<where_family, kWhereForm, 1>({&where_tiles(), 1}, entries);
  return entries;
}

}  // namespace

ElementwiseOp find_elementwise(std::string_view name) {
  elementwise_kernels();  // fills the families
  static constexpr struct {
    const Family* family;
    const Form* form;
  } kFamilies[] = {{&unary_family, &kUnaryForm},         {&binary_family, &kBinaryForm},
                   {&ternary_family, &kTernaryForm},     {&compare_family, &kCompareForm},
                   {&logical_family, &kBinaryForm},      {&predicate_family, &kPredicateForm},
                   {&logical_unary_family, &kUnaryForm}, {&where_family, &kWhereForm}};
  for (const auto& [family, form] : kFamilies) {
    for (size_t i = 0; i < family->count; ++i) {
      const Op& op = family->ops[i];
      if (op.tiles.op == name)
        return {&op.tiles, form->inputs, form->to_bool, form->bool_condition};
    }
  }
  return {};
}

std::span<const KernelEntry> elementwise_kernels() {
  static const std::vector<KernelEntry>& entries = *new std::vector<KernelEntry>(make_entries());
  return entries;
}

}  // namespace tessera::cpu
