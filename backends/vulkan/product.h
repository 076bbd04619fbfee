// SPDX-License-Identifier: Apache-2.0
//
// Batches of products of matrices, as matmul and linear are.
#ifndef TESSERA_BACKENDS_VULKAN_PRODUCT_H_
#define TESSERA_BACKENDS_VULKAN_PRODUCT_H_

#include <cstdint>
#include <vector>

#include "tessera/backends/vulkan/recorder.h"

namespace tessera::vulkan {

// y (B.., M, N) = a (B.., M, K) b (B.., K, N) + bias (N). Strides are in elements.
struct Product {
  struct Dim {
    int64_t size, a, b;  // and strides
  };

  uint32_t dtype;
  uint64_t a, b, y;   // addresses; y is dense
  uint64_t bias = 0;  // 0: none
  int64_t bias_stride = 0;
  int64_t m, n, k;
  int64_t a_m, a_k, b_k, b_n;
  std::vector<Dim> batches = {};  // innermost first

  // Adds a dim outside of those there are. Becomes a part of M, or of the dim before, where it can.
  void add_batch(int64_t size, int64_t a_stride, int64_t b_stride);
};

void run_product(Recorder& recorder, const Product& product);

// Sums what a node's dispatches left in `partial` (splits, count), adds bias and writes y (count):
//   y[i] = sum over s of partial[s, i] + bias[i % columns * bias_stride]
// `partial` is of the dtype that values of `dtype` are computed in.
void sum_splits(Recorder& recorder, uint32_t dtype, uint64_t partial, uint32_t splits,
                uint64_t count, uint64_t y, uint64_t bias = 0, uint32_t columns = 1,
                int32_t bias_stride = 0);

// Bytes of a value of `dtype` as it is computed with: float for the half types, int32 for uint8.
uint32_t value_bytes(uint32_t dtype);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_PRODUCT_H_
