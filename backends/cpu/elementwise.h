// SPDX-License-Identifier: Apache-2.0
//
// The elementwise engine: brings operands of any layout and dtype to the contiguous tiles that the
// kernels of tiles.h work on, and divides the work.
#ifndef TESSERA_BACKENDS_CPU_ELEMENTWISE_H_
#define TESSERA_BACKENDS_CPU_ELEMENTWISE_H_

#include "tessera/backends/cpu/kernel.h"

namespace tessera::cpu {

// unary, binary, compare, predicate and logical ops, and `where`.
std::span<const KernelEntry> elementwise_kernels();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_ELEMENTWISE_H_
