// SPDX-License-Identifier: Apache-2.0
//
// The loop nest over strided operands of one shape, in as few dims as it takes.
#ifndef TESSERA_BACKENDS_PLUGIN_MERGED_DIMS_H_
#define TESSERA_BACKENDS_PLUGIN_MERGED_DIMS_H_

#include <array>
#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/plugin/layout.h"

namespace tessera::plugin {

// Dims innermost first. Those of one element are dropped, those that are one run for every operand
// are merged.
template <uint32_t kOperands>
struct MergedDims {
  uint32_t rank = 0;
  int64_t count = 1;  // elements
  int64_t sizes[kMaxRank];
  int64_t strides[kOperands][kMaxRank];  // in elements

  // Over `shape`'s shape, of at most kMaxRank dims. Operands have that rank, or are immediates,
  // which have stride 0.
  MergedDims(const TsrTensor& shape, const std::array<const TsrTensor*, kOperands>& operands) {
    for (uint32_t k = shape.rank; k-- > 0;) add(shape.shape[k], k, operands);
  }

 private:
  void add(int64_t size, uint32_t k, const std::array<const TsrTensor*, kOperands>& operands) {
    count *= size;
    if (size == 1) return;
    int64_t own[kOperands];
    bool merges = rank > 0;
    for (uint32_t i = 0; i < kOperands; ++i) {
      const bool has = (operands[i]->flags & TSR_TENSOR_IMMEDIATE) == 0 && k < operands[i]->rank;
      own[i] = has ? operands[i]->strides[k] : 0;
      merges = merges && own[i] == strides[i][rank - 1] * sizes[rank - 1];
    }
    if (merges) {
      sizes[rank - 1] *= size;
      return;
    }
    sizes[rank] = size;
    for (uint32_t i = 0; i < kOperands; ++i) strides[i][rank] = own[i];
    ++rank;
  }
};

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_MERGED_DIMS_H_
