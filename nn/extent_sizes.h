// SPDX-License-Identifier: Apache-2.0
//
// The sizes of a window as a list, first dimension first.
#ifndef TESSERA_NN_EXTENT_SIZES_H_
#define TESSERA_NN_EXTENT_SIZES_H_

#include <cstdint>
#include <vector>

#include "tessera/tensor/ops/extent.h"

namespace tessera::nn {

inline std::vector<int64_t> sizes_of(int64_t size) { return {size}; }
inline std::vector<int64_t> sizes_of(Pair pair) { return {pair.height, pair.width}; }
inline std::vector<int64_t> sizes_of(Triple triple) {
  return {triple.depth, triple.height, triple.width};
}

}  // namespace tessera::nn

#endif  // TESSERA_NN_EXTENT_SIZES_H_
