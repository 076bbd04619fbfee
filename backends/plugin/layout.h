// SPDX-License-Identifier: Apache-2.0
//
// Shapes and strides of a node's tensors, as kernels ask about them.
#ifndef TESSERA_BACKENDS_PLUGIN_LAYOUT_H_
#define TESSERA_BACKENDS_PLUGIN_LAYOUT_H_

#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::plugin {

// The most dims that kernels take; nodes with more are TSR_UNIMPLEMENTED.
inline constexpr uint32_t kMaxRank = 16;

inline int64_t element_count(const TsrTensor& t) {
  int64_t n = 1;
  for (uint32_t k = 0; k < t.rank; ++k) n *= t.shape[k];
  return n;
}

// Whether the elements stand one after another in row-major order.
inline bool is_dense(const TsrTensor& t) {
  int64_t expected = 1;
  for (uint32_t k = t.rank; k-- > 0;) {
    if (t.shape[k] == 1) continue;
    if (t.strides[k] != expected) return t.shape[k] == 0 || element_count(t) == 0;
    expected *= t.shape[k];
  }
  return true;
}

// Whether all elements are one.
inline bool is_single(const TsrTensor& t) {
  for (uint32_t k = 0; k < t.rank; ++k) {
    if (t.strides[k] != 0 && t.shape[k] != 1) return false;
  }
  return true;
}

// A tensor seen as (outer, size, inner) around one of its dims. A scalar is (1, 1, 1).
struct Lines {
  int64_t outer = 1, size = 1, inner = 1;

  Lines(const TsrTensor& t, int64_t dim) {
    for (uint32_t k = 0; k < t.rank; ++k) {
      (k < dim ? outer : k == dim ? size : inner) *= t.shape[k];
    }
  }
};

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_LAYOUT_H_
