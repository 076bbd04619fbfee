// SPDX-License-Identifier: Apache-2.0
//
// Shapes and strides of a node's tensors, simplified for looping.
#ifndef TESSERA_BACKENDS_CPU_LAYOUT_H_
#define TESSERA_BACKENDS_CPU_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cpu/dtype.h"
#include "tessera/backends/plugin/layout.h"

namespace tessera::cpu {

using plugin::element_count;
using plugin::is_dense;
using plugin::is_single;
using plugin::kMaxRank;

// A loop nest over two operands, outermost dim first. Dims of one element are dropped, dims that
// are one run for both operands are merged.
struct PairLoop {
  uint32_t rank = 0;
  int64_t shape[kMaxRank];
  int64_t a[kMaxRank];  // strides in elements
  int64_t b[kMaxRank];

  // `rank` dims of `shape` with strides `a` and `b`. If `reorder`, dims are sorted so that `b` has
  // its smallest strides innermost.
  PairLoop(uint32_t dims, const int64_t* shape, const int64_t* a, const int64_t* b, bool reorder);
};

// Steps through the row-major positions of a shape with one operand's offset.
class Odometer {
 public:
  Odometer(uint32_t rank, const int64_t* shape, const int64_t* strides)
      : rank_(rank), shape_(shape), strides_(strides) {
    for (uint32_t k = 0; k < rank; ++k) index_[k] = 0;
  }
  // Goes to flat position `position`.
  void seek(int64_t position) {
    offset_ = 0;
    for (uint32_t k = rank_; k-- > 0;) {
      index_[k] = position % shape_[k];
      position /= shape_[k];
      offset_ += index_[k] * strides_[k];
    }
  }
  void next() {
    for (uint32_t k = rank_; k-- > 0;) {
      offset_ += strides_[k];
      if (++index_[k] < shape_[k]) return;
      offset_ -= strides_[k] * shape_[k];
      index_[k] = 0;
    }
  }
  int64_t offset() const { return offset_; }  // in elements

 private:
  uint32_t rank_;
  const int64_t* shape_;
  const int64_t* strides_;
  int64_t offset_ = 0;
  int64_t index_[kMaxRank];
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_LAYOUT_H_
