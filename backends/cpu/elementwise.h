// SPDX-License-Identifier: Apache-2.0
//
// The elementwise engine: brings operands of any layout and dtype to the contiguous tiles that the
// kernels of tiles.h work on, and divides the work.
#ifndef TESSERA_BACKENDS_CPU_ELEMENTWISE_H_
#define TESSERA_BACKENDS_CPU_ELEMENTWISE_H_

#include <string_view>

#include "tessera/backends/cpu/kernel.h"
#include "tessera/backends/cpu/tiles.h"

namespace tessera::cpu {

// An op by its name, for chains of them. Operands have one dtype, but for the condition of `where`.
struct ElementwiseOp {
  const Tiles* tiles = nullptr;  // null: there is no such op
  uint32_t inputs = 0;
  bool to_bool = false;         // else the output has the operands' dtype
  bool bool_condition = false;  // input 0 is bool
};
ElementwiseOp find_elementwise(std::string_view name);

// unary, binary, compare, predicate and logical ops, and `where`.
std::span<const KernelEntry> elementwise_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_ELEMENTWISE_H_
