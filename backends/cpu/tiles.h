// SPDX-License-Identifier: Apache-2.0
//
// Elementwise ops on contiguous elements: the innermost loops that the engine (elementwise.h)
// chains and divides among threads.
#ifndef TESSERA_BACKENDS_CPU_TILES_H_
#define TESSERA_BACKENDS_CPU_TILES_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "tessera/backends/cpu/dtype.h"

namespace tessera::cpu {

// out[i] = op(in[0][i], in[1][i] ...) for i in [0, n), everything contiguous, any alignment. An
// element's value does not depend on n or on its neighbours. `out` may be one of `in`.
using TileKernel = void (*)(const void* const* in, void* out, size_t n);

// The kernels of one op by the dtype of its operands; null where the op does not take a dtype.
// float16 and bfloat16 are computed by the float32 kernel.
struct Tiles {
  const char* op;
  TileKernel kernels[kDtypeCount];
};

// One entry for each line of the lists in backends/elementwise/list.h, in their order.
std::span<const Tiles> unary_tiles();
std::span<const Tiles> predicate_tiles();
std::span<const Tiles> binary_tiles();
std::span<const Tiles> ternary_tiles();
std::span<const Tiles> compare_tiles();
std::span<const Tiles> logical_tiles();  // TESSERA_LOGICAL_OPS, then TESSERA_LOGICAL_UNARY_OPS

// in[0] bool; in[1], in[2] and out of any dtype.
const Tiles& where_tiles();

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_TILES_H_
