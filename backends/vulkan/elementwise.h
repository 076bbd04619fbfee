// SPDX-License-Identifier: Apache-2.0
//
// The elementwise ops: unary, predicate, binary, ternary, compare, logical, where. One shader for
// each op and dtype, made from backends/elementwise by print_ops.cc and compile_elementwise.sh.
#ifndef TESSERA_BACKENDS_VULKAN_ELEMENTWISE_H_
#define TESSERA_BACKENDS_VULKAN_ELEMENTWISE_H_

#include <cstdint>
#include <span>

#include "tessera/backends/vulkan/kernel.h"
#include "tessera/backends/vulkan/shader.h"

namespace tessera::vulkan {

// The lists of backends/elementwise/list.h.
enum class Form : uint8_t {
  kUnary,
  kPredicate,  // to bool
  kBinary,
  kTernary,
  kCompare,  // to bool
  kLogical,
  kLogicalUnary,
  kWhere,  // moves bits: its shaders are by the bytes of an element
};

struct ElementwiseOp {
  const char* op;
  Form form;
  Shader shaders[plugin::kDtypeCount];  // by dtype; without words: not this one
};

// All of them, in the order of `print_ops list`.
std::span<const ElementwiseOp> elementwise_ops();

std::span<const KernelEntry> elementwise_kernels();

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_ELEMENTWISE_H_
