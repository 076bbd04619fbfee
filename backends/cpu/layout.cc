// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/layout.h"

#include <algorithm>
#include <cstdlib>

namespace tessera::cpu {

PairLoop::PairLoop(uint32_t dims, const int64_t* full_shape, const int64_t* a_strides,
                   const int64_t* b_strides, bool reorder) {
  uint32_t order[kMaxRank];
  uint32_t kept = 0;
  for (uint32_t k = 0; k < dims; ++k) {
    if (full_shape[k] != 1) order[kept++] = k;
  }
  if (reorder) {
    std::stable_sort(order, order + kept, [&](uint32_t i, uint32_t j) {
      return std::abs(b_strides[i]) > std::abs(b_strides[j]);
    });
  }
  for (uint32_t i = 0; i < kept; ++i) {
    const uint32_t k = order[i];
    if (rank > 0 && a[rank - 1] == a_strides[k] * full_shape[k] &&
        b[rank - 1] == b_strides[k] * full_shape[k]) {
      shape[rank - 1] *= full_shape[k];
      a[rank - 1] = a_strides[k];
      b[rank - 1] = b_strides[k];
    } else {
      shape[rank] = full_shape[k];
      a[rank] = a_strides[k];
      b[rank] = b_strides[k];
      ++rank;
    }
  }
}

}  // namespace tessera::cpu
