// SPDX-License-Identifier: Apache-2.0
//
// One dimension of a pooling: what it does to a size. Internal to tensor/ops/.
#ifndef TESSERA_TENSOR_OPS_POOL_AXIS_H_
#define TESSERA_TENSOR_OPS_POOL_AXIS_H_

#include <cstdint>

#include "tessera/tensor/shape.h"

namespace tessera {

struct PoolAxis {
  int64_t size, kernel, stride, padding, dilation;
  bool ceil_mode;

  int64_t extent() const { return dilation * (kernel - 1) + 1; }
  int64_t count() const {
    int64_t room = size + 2 * padding - extent();
    if (room < 0) return 0;
    if (!ceil_mode) return room / stride + 1;
    int64_t n = (room + stride - 1) / stride + 1;
    return (n - 1) * stride >= size + padding ? n - 1 : n;  // starts beyond the input
  }
  // Padding after the input so that the last window fits (negative: what no window reaches).
  int64_t padding_after() const { return (count() - 1) * stride + extent() - size - padding; }
};

inline Shape with_last(Shape shape, int64_t last) {
  shape[-1] = last;
  return shape;
}

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_POOL_AXIS_H_
